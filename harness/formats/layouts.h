// One function a layout, each in the .cpp of its name. For formats.cpp.
#pragma once

#include "harness/formats/format.h"

namespace gauntlet::formats {

Format dbmate();
Format diesel();
Format flyway();
Format gauntlet();
Format golang_migrate();
Format goose();
Format maragu_migrate();
Format node_pg_migrate();
Format order_file();
Format plain();
Format pop();
Format prisma();
Format refinery();
Format sql_migrate();
Format sqitch();
Format sqlx();
Format version_folders();

/// `NNN_name.up.sql` and `NNN_name.down.sql`, with their bytes as they are.
ProjectFiles write_up_and_down(const std::vector<runner::Migration>& migrations);

}  // namespace gauntlet::formats
