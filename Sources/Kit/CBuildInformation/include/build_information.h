#ifndef BUILD_INFORMATION_H
#define BUILD_INFORMATION_H

/// The name of the program, such as "example-exporter".
const char *build_program(void);

/// The commit that this program was built from, with "-dirty" behind it when files had been changed; "unknown" outside a checkout.
///
/// It is C because a Swift setting cannot carry a value, and a C define can.
const char *build_revision(void);

#endif
