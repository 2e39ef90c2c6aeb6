#include "common/address.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#define SCHEME_END "://"
#define ENDS " \t\r\n\"'<>`"

static bool is_scheme(const char *text, size_t n)
{
    bool is = n && isalpha((unsigned char)*text);
    for (size_t i = 1; i < n && is; i++)
        is = isalnum((unsigned char)text[i]) || strchr("+-.", text[i]);
    return is;
}

bool address_is(const char *text)
{
    const char *const end = strstr(text, SCHEME_END);
    return end && is_scheme(text, (size_t)(end - text));
}

static void cut(char *from, const char *to)
{
    memmove(from, to, strlen(to) + 1);
}

/* Leaves off the punctuation that follows an address in a sentence; it is no part of the query. */
static size_t without_punctuation(const char *text, size_t n)
{
    return n && strchr(":;,.)", text[n - 1]) ? n - 1 : n;
}

static void strip_query(char *host)
{
    char *const query = host + strcspn(host, "?#" ENDS);
    if (*query == '?' || *query == '#')
        cut(query, query + without_punctuation(query, strcspn(query, ENDS)));
}

static void strip_user(char *host)
{
    const size_t n = strcspn(host, "/?#" ENDS);
    for (size_t i = n; i > 0; i--)
        if (host[i - 1] == '@') {
            cut(host, host + i);
            return;
        }
}

void address_strip(char *line)
{
    for (char *at = line; (at = strstr(at, SCHEME_END));) {
        at += strlen(SCHEME_END);
        strip_user(at);
        strip_query(at);
    }
}
