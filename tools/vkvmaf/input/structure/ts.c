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

/* A counter that jumps and goes on from there tells of lost packets. One that falls back to where it was was only
 * written wrong, and where a segment or a key picture begins it may begin again. */
static void count(struct ts_counter *state, uint8_t counter, bool may_jump)
{
    const bool is_jump = state->is_seen && !follows(counter, state->last);
    state->n_packets++;
    state->n_jumps += is_jump;
    if (state->is_held) {
        state->is_held = 0;
        const bool is_back = counter == ((state->before + 2) & 15) && !follows(counter, state->last);
        if (!is_back && counter == ((state->last + 1) & 15))
            state->n_missing += state->n_missing < UINT8_MAX;
    } else if (is_jump && !may_jump) {
        state->is_held = 1;
        state->before = state->last;
    }
    state->is_seen = 1;
    state->last = counter;
}

/* Bytes that may fill a stream up behind its end. */
static bool is_filling(const unsigned char *bytes, size_t n)
{
    return n && (!bytes[0] || bytes[0] == 0xff) && !memcmp(bytes, bytes + 1, n - 1);
}

static void lose_sync(struct ts_stream *ts, uint64_t at, uint64_t n)
{
    if (n && !ts->n_lost_sync)
        ts->first_lost = at;
    ts->n_lost_sync += n;
}

static void take_packet(struct ts_stream *ts, const unsigned char *packet, uint64_t at)
{
    if (is_filling(packet, ts->packet_bytes)) {
        if (!ts->n_filling++)
            ts->first_filling = at;
        return;
    }
    lose_sync(ts, ts->first_filling, ts->n_filling); /* it was not the end */
    ts->n_filling = 0;
    if (packet[0] != SYNC_BYTE) {
        lose_sync(ts, at, 1);
        return;
    }
    const uint16_t pid = be16(packet + 1) & 0x1fff;
    const bool has_payload = packet[3] & 0x10, has_flags = packet[3] & 0x20 && packet[4];
    const bool is_marked = has_flags && packet[5] & 0x80, is_key = has_flags && packet[5] & 0x40;
    struct ts_counter *const state = &ts->counters[pid];
    ts->n_restarts += !pid && state->is_seen && !follows(packet[3] & 15, state->last);
    if (has_payload)
        count(state, packet[3] & 15,
              is_marked || (packet[1] & 0x40 && (is_key || state->n_restarts != ts->n_restarts)));
    state->n_restarts = ts->n_restarts;
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

bool ts_is_cut(const struct ts_stream *ts, uint64_t size, char why[STRUCTURE_ROOM])
{
    if (!ts->packet_bytes || size < ts->sync_at)
        return false;
    const uint64_t rest = (size - ts->sync_at) % ts->packet_bytes;
    snprintf(why, STRUCTURE_ROOM, "ends inside a packet of %u bytes", ts->packet_bytes);
    return rest && !(ts->packet_bytes > 188 && rest == 188); /* the bytes beside the 188 may be left out */
}

uint64_t ts_end(const struct ts_stream *ts, uint64_t padding, uint64_t size)
{
    if (!ts->packet_bytes || padding < ts->sync_at)
        return size;
    const uint64_t n = (padding - ts->sync_at + ts->packet_bytes - 1) / ts->packet_bytes;
    const uint64_t end = ts->sync_at + n * ts->packet_bytes;
    return end < size ? end : size;
}

uint64_t ts_filling(const struct ts_stream *ts)
{
    const uint32_t rest = is_filling(ts->packet, ts->filled) ? ts->filled : 0;
    return ts->n_filling * ts->packet_bytes + rest;
}

/* Counters that jump all the time count nothing. */
static unsigned missing(const struct ts_stream *ts, int pid)
{
    const struct ts_counter *const state = &ts->counters[pid & (TS_PIDS - 1)];
    return (uint64_t)state->n_jumps * 4 > state->n_packets ? 0 : state->n_missing;
}

bool ts_is_damaged(const struct ts_stream *ts, int pid, char why[STRUCTURE_ROOM])
{
    const unsigned n_missing = missing(ts, pid);
    if (ts->n_lost_sync)
        snprintf(why, STRUCTURE_ROOM, "has no packet at byte %" PRIu64 ", where one should begin", ts->first_lost);
    else if (n_missing)
        snprintf(why, STRUCTURE_ROOM, "lacks packets of the video at %u place%s", n_missing, n_missing == 1 ? "" : "s");
    else
        return !is_filling(ts->packet, ts->filled) && ts_is_cut(ts, ts->next, why);
    return true;
}
