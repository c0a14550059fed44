#include "scenarios/service/orders_api.h"

#include "runner/postgres.h"
#include "runner/values/session.h"

#include <chrono>
#include <cstdio>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <httplib.h>

namespace gauntlet::orders {
namespace {

constexpr const char* list_orders = R"(
  SELECT coalesce(json_agg(o ORDER BY o.id DESC), '[]')
    FROM (SELECT id, customer_id, status, total, placed_at
            FROM orders ORDER BY id DESC LIMIT 100) o)";

/// An unknown article has no price, and is refused for that by the table itself.
constexpr const char* place_order = R"(
  WITH placed AS (
    INSERT INTO orders (customer_id, status, placed_at)
    VALUES (($1::jsonb ->> 'customer_id')::bigint, 'placed', now()) RETURNING id
  ), lines AS (
    INSERT INTO order_lines (order_id, line_number, sku, quantity, unit_price)
    SELECT placed.id, line.number, line.value ->> 'sku', (line.value ->> 'quantity')::integer,
           p.price
      FROM placed,
           jsonb_array_elements($1::jsonb -> 'lines') WITH ORDINALITY line (value, number)
           LEFT JOIN products p ON p.sku = line.value ->> 'sku'
  )
  SELECT json_build_object('id', id) FROM placed)";

/// SQLSTATE classes 22 and 23: what was sent does not fit, as opposed to a server that is unwell.
int status_of(const runner::SqlError& error) {
  const std::string sqlstate_class = error.said().sqlstate.substr(0, 2);
  return sqlstate_class == "22" || sqlstate_class == "23" ? 422 : 503;
}

void answer(httplib::Response& response, int success, const std::string& database,
            const char* statement, const std::vector<std::optional<std::string>>& parameters) {
  try {
    const auto session = runner::connect_postgres(
        database,
        {.application_name = "orders-service", .connect_timeout = std::chrono::seconds(2)});
    const runner::Result result = session->query(statement, parameters);
    response.status = success;
    response.set_content(result.rows.at(0).at(0).value_or("null") + "\n", "application/json");
  } catch (const runner::SqlError& error) {
    response.status = status_of(error);
    response.set_content(error.said().message + "\n", "text/plain; charset=utf-8");
  } catch (const runner::Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    response.status = 503;
    response.set_content("the database cannot be reached\n", "text/plain");
  }
}

}  // namespace

void serve_orders(httplib::Server& server, const std::string& database, Health health) {
  server.Get("/healthz", [health](const httplib::Request&, httplib::Response& response) {
    response.status = health == Health::ok ? 200 : 503;
    response.set_content(health == Health::ok ? "ok\n" : "not ready\n", "text/plain");
  });
  server.Get("/orders", [database](const httplib::Request&, httplib::Response& response) {
    answer(response, 200, database, list_orders, {});
  });
  server.Post("/orders", [database](const httplib::Request& request, httplib::Response& response) {
    answer(response, 201, database, place_order, {request.body});
  });
}

}  // namespace gauntlet::orders
