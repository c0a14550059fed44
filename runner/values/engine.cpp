#include "runner/values/engine.h"

namespace gauntlet::runner {

Engine engine_of(std::string_view database) {
  return database.starts_with("sqlite:") ? Engine::sqlite : Engine::postgres;
}

}  // namespace gauntlet::runner
