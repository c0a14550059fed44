#include "harness/cli/cli.h"

int main(int argc, char** argv) { return gauntlet::cli::run(argc, argv); }
