#ifndef BUILD_INFORMATION_H
#define BUILD_INFORMATION_H

/// The name of the program, such as "example-exporter".
const char *build_program(void);

/// The commit that this program was built from, with the suffix "-dirty" if files had been changed; "unknown" outside a checkout.
///
/// Written in C because a C define can carry a value, unlike a Swift compilation condition.
const char *build_revision(void);

#endif
