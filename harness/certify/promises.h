// What a tool may promise, and which grades such a promise is held to. Pure.
#pragma once

#include "harness/certify/certificate.h"
#include "harness/fleet/subject_file.h"

#include <string_view>
#include <vector>

namespace gauntlet::certify {

struct KnownPromise {
  std::string_view id, meaning;
};
const std::vector<KnownPromise>& known_promises();

/// A promise that rests on a grade which was not reached is not judged.
/// Throws: Error `bad-subject-file` for one that is not known, naming those there are.
std::vector<JudgedPromise> judge_promises(const std::vector<fleet::Promise>& promises,
                                          const std::vector<Grade>& grades);

}  // namespace gauntlet::certify
