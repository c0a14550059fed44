#include "harness/core/step.h"

namespace gauntlet::core {

std::string_view to_string(Step::Kind kind) {
  switch (kind) {
    case Step::Kind::message:
      return "message";
    case Step::Kind::query:
      return "query";
    case Step::Kind::prepare:
      return "prepare";
    case Step::Kind::wait:
      return "wait";
  }
  return "?";
}

std::string_view to_string(Ruling::What what) {
  switch (what) {
    case Ruling::What::proceed:
      return "proceed";
    case Ruling::What::rewrite:
      return "rewrite";
    case Ruling::What::answer:
      return "answer";
    case Ruling::What::refuse:
      return "refuse";
    case Ruling::What::lose_before:
      return "lose-before";
    case Ruling::What::lose_after:
      return "lose-after";
    case Ruling::What::die_before:
      return "die-before";
    case Ruling::What::die_after:
      return "die-after";
  }
  return "?";
}

std::string_view to_string(Reply::Ending ending) {
  switch (ending) {
    case Reply::Ending::answered:
      return "answered";
    case Reply::Ending::refused:
      return "refused";
    case Reply::Ending::lost:
      return "lost";
  }
  return "?";
}

}  // namespace gauntlet::core
