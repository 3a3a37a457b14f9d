#pragma once

#include <caf/allowed_unsafe_message_type.hpp>

#include "core/error.hpp"

/// Announces to CAF what actors of one node say to each other. These messages never leave the process: they carry
/// handles, closures and large data that is moved, not copied. CAF would refuse to serialise them, which is what we
/// want: what crosses nodes will be one versioned envelope of its own, with an inspect function and a round-trip test.
#define PENSTOCK_LOCAL_MESSAGE(type) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(type)
