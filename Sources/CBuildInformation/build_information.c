#include "build_information.h"

const char *build_revision(void) { return BUILD_REVISION; }
