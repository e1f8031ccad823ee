#ifndef CCRYPT_SHIM_H
#define CCRYPT_SHIM_H

#include <crypt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

// Hashes a phrase with crypt_r(3) and copies the zero-terminated result. Returns false when the library does not support the
// setting, or when the result does not fit.
//
// The library's working memory is too large for a Swift value and contains the phrase, so it is allocated, wiped and freed here.
static inline bool ccrypt_hash(const char *phrase, const char *setting, char *result, size_t size) {
    struct crypt_data *data = (struct crypt_data *)calloc(1, sizeof(struct crypt_data));
    if (data == NULL) { return false; }
    const char *hash = crypt_r(phrase, setting, data);
    // Some implementations report failure with a result that starts with an asterisk instead of null.
    bool hashed = hash != NULL && hash[0] != '*' && strlen(hash) < size;
    if (hashed) { strcpy(result, hash); }
    explicit_bzero(data, sizeof(struct crypt_data));
    free(data);
    return hashed;
}

#endif
