#pragma once

#include <cstdint>

namespace penstock::storage {

/// What hangs on a job's end, as bits of `jobs.ties`. A job without ties may end together with others, in few statements. The numbers are
/// stored: never change them.
struct job_ties {
  static constexpr std::int64_t payload = 1;     ///< job_payloads holds its payload
  static constexpr std::int64_t large_args = 2;  ///< job_payloads holds its args; jobs.args is NULL
  static constexpr std::int64_t children = 4;    ///< job_children counts jobs that name it as parent
  static constexpr std::int64_t unique_key = 8;  ///< unique_keys names it
  static constexpr std::int64_t group = 16;      ///< its group runs in order: the next of it waits for this one
  static constexpr std::int64_t parent = 32;     ///< its parent counts it
  static constexpr std::int64_t run = 64;        ///< it belongs to a run
  static constexpr std::int64_t bodies = 128;    ///< the bodies of its HTTP exchanges are kept
  static constexpr std::int64_t once_more = 256; ///< it runs once more when it has ended
  static constexpr std::int64_t small_payload = 512; ///< jobs.payload holds its payload

  static constexpr std::int64_t any_payload = payload | small_payload;
};

/// Parts of job_payloads.
enum class payload_part : std::int64_t { args = 0, payload = 1 };

/// Args up to this many bytes lie in the job's row, larger ones in job_payloads.
inline constexpr std::size_t inline_args_bytes = 2048;

/// Payloads up to this many bytes lie in the job's row, but for those that came piece by piece. A payload goes when its
/// job completes; the room that it took stays empty until the row goes too.
inline constexpr std::size_t inline_payload_bytes = 2048;

/// Payloads are cut into pieces of this many bytes, so that one write never holds the others up for long.
inline constexpr std::size_t payload_chunk_bytes = 128 * 1024;

} // namespace penstock::storage
