/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/* libuv: a loop with timers, a pipe to itself and a lookup of a file, in a pool. */
#define _POSIX_C_SOURCE 200809L
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "../common/pool.h"
#include "../common/scenario.h"

/* It ends the program if a table of descriptors or its signals find no memory. */
const size_t scenario_blocks_kept = 0;
const bool scenario_may_abort = true;

/* ---- the hook -------------------------------------------------------------------------------- */

static int pool_is_given(void) {
    return uv_replace_allocator(pool_malloc, pool_realloc, pool_calloc, pool_free);
}

/* ---- the scenario ---------------------------------------------------------------------------- */

/* Of more pieces uv_write makes a copy. If that finds no memory, 1.44 never forgets the request. */
enum { PIECES = 4 };

enum { TICKS = 5, MESSAGES = 20, PIECE_BYTES = 150, MESSAGE_BYTES = PIECES * PIECE_BYTES };

typedef struct {
    uv_loop_t loop;
    uv_timer_t timer;
    uv_pipe_t writer;
    uv_pipe_t reader;
    unsigned ticks;
    size_t bytes_read;
    bool lacks_memory;
    bool is_wrong;
} conversation;

typedef struct {
    uv_write_t request;
    uv_buf_t pieces[PIECES];
} message;

static conversation talk;

static void buffer_give(uv_handle_t *handle, size_t wanted, uv_buf_t *buffer) {
    (void)handle;
    (void)wanted;
    *buffer = uv_buf_init(pool_malloc(MESSAGE_BYTES), MESSAGE_BYTES);
}

static void all_close(void) {
    (void)uv_timer_stop(&talk.timer);
    if (!uv_is_closing((uv_handle_t *)&talk.reader)) {
        uv_close((uv_handle_t *)&talk.reader, NULL);
        uv_close((uv_handle_t *)&talk.writer, NULL);
        uv_close((uv_handle_t *)&talk.timer, NULL);
    }
}

static void memory_lacks(void) {
    talk.lacks_memory = true;
    all_close();
}

static void piece_read(uv_stream_t *stream, ssize_t bytes, const uv_buf_t *buffer) {
    (void)stream;
    if (bytes > 0) {
        talk.bytes_read += (size_t)bytes;
    } else if (bytes < 0) {
        memory_lacks();
    }
    pool_free(buffer->base);
    if (talk.bytes_read == (size_t)TICKS * MESSAGES * MESSAGE_BYTES) {
        all_close();
    }
}

static void message_written(uv_write_t *request, int status) {
    talk.is_wrong = talk.is_wrong || (status != 0 && status != UV_ECANCELED);
    pool_free(request); /* the first member of its message */
}

static int message_send(void) {
    static char text[MESSAGE_BYTES];
    message *const sent = pool_malloc(sizeof *sent);
    if (sent == NULL) {
        return UV_ENOMEM;
    }
    for (unsigned i = 0; i < PIECES; i++) {
        sent->pieces[i] = uv_buf_init(text + i * PIECE_BYTES, PIECE_BYTES);
    }
    const int status = uv_write(&sent->request, (uv_stream_t *)&talk.writer, sent->pieces, PIECES,
                                message_written);
    if (status != 0) {
        pool_free(sent);
    }
    return status;
}

static void timer_ticks(uv_timer_t *timer) {
    if (++talk.ticks == TICKS) {
        (void)uv_timer_stop(timer);
    }
    for (unsigned i = 0; i < MESSAGES; i++) {
        if (message_send() != 0) {
            memory_lacks();
            return;
        }
    }
}

/* Returns an error of libuv, or 0. */
static int conversation_begin(void) {
    uv_fs_t lookup;
    uv_file ends[2];
    int status = uv_fs_stat(&talk.loop, &lookup, "/", NULL);
    uv_fs_req_cleanup(&lookup);
    if (status == 0) {
        status = uv_socketpair(SOCK_STREAM, 0, ends, UV_NONBLOCK_PIPE, UV_NONBLOCK_PIPE);
    }
    if (status != 0) {
        return status;
    }
    (void)uv_timer_init(&talk.loop, &talk.timer);
    (void)uv_pipe_init(&talk.loop, &talk.writer, 0);
    (void)uv_pipe_init(&talk.loop, &talk.reader, 0);
    (void)uv_pipe_open(&talk.writer, ends[0]);
    (void)uv_pipe_open(&talk.reader, ends[1]);
    (void)uv_read_start((uv_stream_t *)&talk.reader, buffer_give, piece_read);
    return uv_timer_start(&talk.timer, timer_ticks, 0, 1);
}

scenario_outcome scenario_run(void) {
    memset(&talk, 0, sizeof talk);
    if (pool_is_given() != 0) {
        return SCENARIO_WRONG;
    }
    if (uv_loop_init(&talk.loop) != 0) {
        return SCENARIO_NO_MEMORY;
    }
    const int status = conversation_begin();
    (void)uv_run(&talk.loop, UV_RUN_DEFAULT);
    const int end = uv_loop_close(&talk.loop);
    uv_library_shutdown();
    if (talk.is_wrong || end != 0) {
        return SCENARIO_WRONG;
    }
    if (status != 0 || talk.lacks_memory) {
        return SCENARIO_NO_MEMORY;
    }
    return talk.ticks == TICKS ? SCENARIO_DONE : SCENARIO_WRONG;
}
