#include "model/onnx/graph.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "common/number.h"

const char *text_show(struct text text, char shown[TEXT_SHOWN_SIZE])
{
    size_t end = 0;
    for (size_t i = 0; i < text.n; i++) {
        const uint8_t c = text.bytes[i];
        if (end + 4 + sizeof("...") > TEXT_SHOWN_SIZE) {
            end += (size_t)snprintf(shown + end, TEXT_SHOWN_SIZE - end, "...");
            break;
        }
        if (c >= 0x20 && c < 0x7f && c != '\\' && c != '\'')
            shown[end++] = (char)c;
        else
            end += (size_t)snprintf(shown + end, TEXT_SHOWN_SIZE - end, "\\x%02x", c);
    }
    shown[end] = '\0';
    return shown;
}

bool text_is(struct text text, const char *string)
{
    return text.n == strlen(string) && (!text.n || memcmp(text.bytes, string, text.n) == 0);
}

bool text_equal(struct text a, struct text b)
{
    return a.n == b.n && (!a.n || memcmp(a.bytes, b.bytes, a.n) == 0);
}

bool text_has_nul(struct text text)
{
    return text.n && memchr(text.bytes, 0, text.n);
}

static int refuse(const struct graph *graph, const char *place, const char *format, va_list args)
{
    char reason[LOG_LINE_MAX];
    number_vprint(reason, sizeof(reason), format, args);
    return log_fail(graph->log, VKV_ERR_MODEL, "model '%.255s': %s%s", graph->file, place, reason);
}

int graph_refuse(const struct graph *graph, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int err = refuse(graph, "", format, args);
    va_end(args);
    return err;
}

int graph_refuse_node(const struct graph *graph, const struct node *node, const char *format, ...)
{
    char place[2 * TEXT_SHOWN_SIZE + 32];
    va_list args;

    snprintf(place, sizeof(place), "node %u '%s' (%s): ", node->index, SHOW(node->name), SHOW(node->op_name));
    va_start(args, format);
    int err = refuse(graph, place, format, args);
    va_end(args);
    return err;
}
