#ifndef CISAL_SHIM_H
#define CISAL_SHIM_H

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>

// Macros with arithmetic, which Swift does not import.
static const uint32_t CISAL_LEVEL_BUFFER_BYTES = ISAL_DEF_LVL1_SMALL;

#endif
