// What a message touches that another session can see or wait for: two messages that do not
// conflict leave the same whichever of them comes first. Pure, so safe on any thread.
//
// A footprint is read from the statement's text. A statement that the parser or this room does not
// understand touches everything. Footprints::learn() reads which tables a trigger, a view or a
// foreign key reaches from the statement that created it.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::explore {

struct Footprint {
  bool everything = false;  ///< its text does not say what it touches
  /// Its session sees one state of the database over several statements from here on, so each of
  /// them touches everything.
  bool keeps_a_snapshot = false;
  bool ends_transaction = false;  ///< what the transaction touched is seen, or free, from here on
  /// Names of tables, and of what is no table: `(catalogue)`, `(advisory locks)`, … Sorted.
  std::vector<std::string> reads = {}, writes = {};

  bool is_nothing() const { return !everything && reads.empty() && writes.empty(); }
  void add(const Footprint& other);

  friend auto operator<=>(const Footprint&, const Footprint&) = default;
};

/// Of a client that stops waiting: it learns of notifications.
Footprint footprint_of_wait();

/// May the order of the two matter?
bool conflict(const Footprint& one, const Footprint& other);

/// The footprints of statements, by their fingerprints. Any thread.
class Footprints {
 public:
  /// The text makes what hides effects of other statements: a trigger, a view, a foreign key. From
  /// now on the tables that it names are one.
  void learn(std::string_view message);

  /// Of the message with this fingerprint, which is read once.
  std::shared_ptr<const Footprint> of(std::uint64_t fingerprint, std::string_view message);

 private:
  void learn_locked(std::string_view message);
  Footprint read(std::string_view message) const;
  std::string resource_of(const std::string& table) const;

  std::mutex mutex_;
  std::vector<std::string> hidden_ = {};  ///< texts in lower case
  bool hides_anything_ = false;  ///< a text was learned that does not name all that it reaches
  std::map<std::uint64_t, std::shared_ptr<const Footprint>> known_ = {};
};

}  // namespace gauntlet::explore
