-- dblink writes through a session of its own, which commits whatever becomes of this transaction.
CREATE EXTENSION dblink;
DO $$
BEGIN
  PERFORM dblink_exec(
    format('dbname=%L user=%L host=%L port=%s', current_database(), current_user,
           split_part(current_setting('unix_socket_directories'), ',', 1), current_setting('port')),
    'CREATE TABLE migration_log (at timestamptz)');
END
$$;
