// The part of libpg_query that the program does without. It asks for syntax trees as JSON; the
// library's other writer, of protobuf messages, brings tables of 200 kB that would be relocated at
// every start. Defined here, it is not taken out of the archive.
#include <cstdlib>

#include <pg_query.h>

extern "C" PgQueryProtobuf pg_query_nodes_to_protobuf(const void* /*tree*/) { std::abort(); }
