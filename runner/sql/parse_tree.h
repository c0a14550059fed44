// Reads libpg_query's JSON: a member that is not there is null, whatever holds it. Pure.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace gauntlet::runner {

inline const nlohmann::json& member(const nlohmann::json& node, const char* key) {
  static const nlohmann::json nothing;
  const auto found = node.is_object() ? node.find(key) : node.end();
  return node.is_object() && found != node.end() ? *found : nothing;
}

inline bool is_true(const nlohmann::json& node, const char* key) {
  return member(node, key) == true;
}

inline std::string text(const nlohmann::json& node, const char* key) {
  const nlohmann::json& value = member(node, key);
  return value.is_string() ? value.get<std::string>() : std::string();
}

}  // namespace gauntlet::runner
