#pragma once

#include <string>

/// What every table of synced rows has beside its own columns (messages/row.hpp), for the migrations of connectors. These
/// texts stand in steps that ran: they are never edited.
namespace penstock::connectors {

/// Before the table's own columns: "CREATE TABLE items (" + synced_columns + "title TEXT, " + synced_key.
inline const std::string synced_columns =
  "integration_id BIGINT NOT NULL, source_id TEXT NOT NULL, source_version BIGINT NOT NULL, "
  "first_seen_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, deleted_at BIGINT, ";
/// Ends the table.
inline const std::string synced_key = "PRIMARY KEY (integration_id, source_id))";
/// The last columns of a view, their times as text.
inline const std::string shown_synced_columns =
  "{utc:first_seen_at} AS first_seen_at, {utc:updated_at} AS updated_at, {utc:deleted_at} AS deleted_at ";

} // namespace penstock::connectors
