/* MPEG transport streams: packets of one length that begin with one byte, while they are read. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "input/structure/structure.h"

#define SYNC_BYTE 0x47
#define PROBE_PACKETS 5

/* 188 bytes; with a time stamp before them, or a checksum behind. */
static const uint32_t lengths[] = {188, 192, 204};

static bool has_sync(const unsigned char *bytes, size_t n, uint32_t length, uint32_t at)
{
    for (unsigned i = 0; i < PROBE_PACKETS; i++, at += length)
        if (at >= n || bytes[at] != SYNC_BYTE)
            return false;
    return true;
}

/* The first bytes say how long packets are, and where the first one is. */
static void find_packets(struct ts_stream *ts, const unsigned char *bytes, size_t n)
{
    for (uint32_t at = 0; at < 204 && !ts->packet_bytes; at++)
        for (unsigned i = 0; i < 3 && !ts->packet_bytes; i++)
            if (has_sync(bytes, n, lengths[i], at)) {
                ts->packet_bytes = lengths[i];
                ts->sync_at = at;
            }
    if (ts->packet_bytes)
        ts->next = ts->sync_at;
}

static bool follows(uint8_t counter, uint8_t before)
{
    return counter == ((before + 1) & 15) || counter == before;
}

/* A counter that jumps inside a picture and goes on from there tells of lost packets; one that falls back to where it
 * was was only written wrong, and one that jumps where something begins may begin again. */
static void count(struct ts_counter *state, uint8_t counter, bool may_jump)
{
    if (state->is_held) {
        state->is_held = 0;
        if (counter == ((state->before + 2) & 15) && !follows(counter, state->last))
            ; /* as if nothing had been */
        else if (counter == ((state->last + 1) & 15))
            state->n_missing += state->n_missing < UINT8_MAX;
    } else if (state->is_seen && !may_jump && !follows(counter, state->last)) {
        state->is_held = 1;
        state->before = state->last;
    }
    state->is_seen = 1;
    state->last = counter;
}

static void take_packet(struct ts_stream *ts, const unsigned char *packet, uint64_t at)
{
    const uint16_t pid = be16(packet + 1) & 0x1fff;
    const bool begins = packet[1] & 0x40, has_field = packet[3] & 0x20, has_payload = packet[3] & 0x10;
    if (packet[0] != SYNC_BYTE) {
        if (!ts->n_lost_sync++)
            ts->first_lost = at;
        return;
    }
    const bool is_marked = has_field && packet[4] && packet[5] & 0x80; /* discontinuity_indicator */
    if (has_payload)
        count(&ts->counters[pid], packet[3] & 15, begins || is_marked);
}

void ts_take(struct ts_stream *ts, uint64_t position, const unsigned char *bytes, size_t n)
{
    if (!ts->next && !position && !ts->packet_bytes)
        find_packets(ts, bytes, n);
    if (!ts->packet_bytes || position > ts->next || ts->next - position >= n)
        return;
    for (size_t i = (size_t)(ts->next - position); i < n;) {
        const size_t wanted = ts->packet_bytes - ts->filled, taken = wanted < n - i ? wanted : n - i;
        memcpy(ts->packet + ts->filled, bytes + i, taken);
        ts->filled += (uint32_t)taken;
        ts->next += taken;
        i += taken;
        if (ts->filled < ts->packet_bytes)
            break;
        ts->filled = 0;
        take_packet(ts, ts->packet, ts->next - ts->packet_bytes);
    }
}

bool ts_is_damaged(const struct ts_stream *ts, int pid, char why[STRUCTURE_ROOM])
{
    /* What stands before or behind the 188 bytes of the last packet may be left out. */
    const bool is_cut = ts->filled && !(ts->packet_bytes > 188 && ts->filled == 188);
    if (ts->n_lost_sync)
        snprintf(why, STRUCTURE_ROOM, "has no packet at byte %" PRIu64 ", where one should begin", ts->first_lost);
    else if (pid >= 0 && pid < TS_PIDS && ts->counters[pid].n_missing)
        snprintf(why, STRUCTURE_ROOM, "lacks packets of the video at %u place%s", ts->counters[pid].n_missing,
                 ts->counters[pid].n_missing == 1 ? "" : "s");
    else if (is_cut)
        snprintf(why, STRUCTURE_ROOM, "ends inside a packet of %u bytes", ts->packet_bytes);
    return ts->n_lost_sync || is_cut || (pid >= 0 && pid < TS_PIDS && ts->counters[pid].n_missing);
}
