#include "harness/cli/cli.h"
#include "scenarios/catalogue.h"

int main(int argc, char** argv) {
  return gauntlet::cli::run(argc, argv, gauntlet::scenarios::catalogue());
}
