// One function a layout, each in the .cpp of its name. For formats.cpp.
#pragma once

#include "harness/formats/format.h"

namespace gauntlet::formats {

Format dbmate();
Format gauntlet();
Format golang_migrate();
Format goose();
Format node_pg_migrate();
Format plain();
Format sqitch();

/// `NNN_name.up.sql` and `NNN_name.down.sql`, with their bytes as they are.
ProjectFiles write_up_and_down(const std::vector<runner::Migration>& migrations);

}  // namespace gauntlet::formats
