// A folder's files, for the floors: read whole, in the order of their names.
#pragma once

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gauntlet::benchmarks {

inline std::vector<std::string> names_in(const char* folder) {
  std::vector<std::string> names;
  DIR* entries = opendir(folder);
  if (entries == nullptr) return names;
  while (const dirent* entry = readdir(entries)) {
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  closedir(entries);
  std::sort(names.begin(), names.end());
  return names;
}

/// Empty where it cannot be read.
inline std::string contents_of(const std::string& folder, const std::string& name) {
  std::string text = folder;
  text.append("/").append(name);
  const int descriptor = open(text.c_str(), O_RDONLY | O_CLOEXEC);
  text.clear();
  struct stat status {};
  if (descriptor < 0 || fstat(descriptor, &status) != 0) return text;
  text.resize(static_cast<std::size_t>(status.st_size));
  const ssize_t got = read(descriptor, text.data(), text.size());
  text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  close(descriptor);
  return text;
}

}  // namespace gauntlet::benchmarks
