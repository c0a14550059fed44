// Who decides what is let go next. One thread uses a strategy.
#pragma once

#include "harness/explore/choice.h"

#include <cstddef>
#include <string>

namespace gauntlet::explore {

class Strategy {
 public:
  virtual ~Strategy() = default;

  /// Prepares the next run; false: there is none left.
  virtual bool begin() = 0;

  /// The position of the option that is let go. Asked at each moment of the run.
  virtual std::size_t choose(const Point& point) = 0;

  /// The run is over. `moments` are those that choose() was asked about, in order.
  virtual void end(const Moments& moments) = 0;

  /// Is the run that is under way part of what was asked for? One that is not is run only to find
  /// others, and is not judged.
  virtual bool counts() const { return true; }

  /// May the run that is under way let two statements overlap that are yet to come?
  virtual bool may_overlap() const { return false; }

  /// Why the run so far is not the one that the strategy meant; empty if it is.
  virtual std::string divergence() const { return {}; }
};

}  // namespace gauntlet::explore
