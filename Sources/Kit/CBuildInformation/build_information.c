#include "build_information.h"

const char *build_program(void) { return BUILD_PROGRAM; }
const char *build_revision(void) { return BUILD_REVISION; }
