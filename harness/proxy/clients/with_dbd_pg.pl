# Perl, as Sqitch speaks: statements prepared in the server, COPY, errors by state.
use strict;
use DBI;
my $h = DBI->connect("dbi:Pg:$ENV{DSN}", $ENV{USERNAME}, $ENV{PASSWORD},
                     {RaiseError => 1, PrintError => 0, AutoCommit => 0});
$h->do("CREATE TEMP TABLE parcels(id int, name text)");
my $i = $h->prepare("INSERT INTO parcels VALUES (?, ?)");
$i->execute($_, "name $_") for 1 .. 3;
print join(",", map { "@$_" } @{$h->selectall_arrayref("SELECT * FROM parcels WHERE id > ?", undef, 1)}), "\n";
$h->do("COPY parcels FROM STDIN");
$h->pg_putcopydata("4\tfour\n");
$h->pg_putcopyend();
print $h->selectrow_array("SELECT count(*) FROM parcels"), "\n";
$h->commit;
eval { $h->do("SELECT 1/0") };
print $h->state, " $@";
$h->rollback;
$h->disconnect;
