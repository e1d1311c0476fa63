/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mbedTLS: a client and a server shake hands over buffers in memory, and talk, in a pool. Debian's
 * build has no hook: it calls malloc's kin of the program (../common/linked_malloc.c). A build of
 * your own has mbedtls_platform_set_calloc_free.
 */
#include <mbedtls/certs.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>
#include <string.h>
#include <time.h>

#include "../common/scenario.h"

const size_t scenario_blocks_kept = 0;
const bool scenario_may_abort = false;

/* ---- the line between both ends -------------------------------------------------------------- */

enum { LINE_BYTES = 8192 };

typedef struct {
    unsigned char bytes[LINE_BYTES];
    size_t begin, end;
} line;

typedef struct {
    line *out;
    line *in;
} line_end;

static int line_send(void *user, const unsigned char *bytes, size_t count) {
    line *const out = ((line_end *)user)->out;
    if (count > sizeof out->bytes - out->end) {
        return MBEDTLS_ERR_SSL_WANT_WRITE;
    }
    (void)memcpy(out->bytes + out->end, bytes, count);
    out->end += count;
    return (int)count;
}

static int line_receive(void *user, unsigned char *bytes, size_t count) {
    line *const in = ((line_end *)user)->in;
    const size_t there = in->end - in->begin;
    if (there == 0) {
        in->begin = in->end = 0;
        return MBEDTLS_ERR_SSL_WANT_READ;
    }
    const size_t taken = there < count ? there : count;
    (void)memcpy(bytes, in->bytes + in->begin, taken);
    in->begin += taken;
    return (int)taken;
}

/* ---- one end --------------------------------------------------------------------------------- */

typedef struct {
    mbedtls_ssl_config config;
    mbedtls_ssl_context ssl;
    mbedtls_x509_crt certificate; /* of the authority at the client's end */
    mbedtls_pk_context key;       /* the server's */
} tls_end;

/* Time stands still in July 2023, when the library's certificates for tests were valid. */
time_t time(time_t *now) {
    const time_t july = 1690000000;
    if (now != NULL) {
        *now = july;
    }
    return july;
}

/* The same in every run: it is no source of secrets. */
static int numbers_give(void *user, unsigned char *out, size_t count) {
    unsigned *const state = user;
    for (size_t i = 0; i < count; i++) {
        *state = *state * 1664525U + 1013904223U;
        out[i] = (unsigned char)(*state >> 24);
    }
    return 0;
}

static int server_identify(tls_end *end) {
    int status =
        mbedtls_x509_crt_parse(&end->certificate, (const unsigned char *)mbedtls_test_srv_crt_ec,
                               mbedtls_test_srv_crt_ec_len);
    if (status == 0) {
        status = mbedtls_pk_parse_key(&end->key, (const unsigned char *)mbedtls_test_srv_key_ec,
                                      mbedtls_test_srv_key_ec_len, NULL, 0);
    }
    return status != 0 ? status
                       : mbedtls_ssl_conf_own_cert(&end->config, &end->certificate, &end->key);
}

static int client_trust(tls_end *end) {
    const int status =
        mbedtls_x509_crt_parse(&end->certificate, (const unsigned char *)mbedtls_test_ca_crt_ec,
                               mbedtls_test_ca_crt_ec_len);
    mbedtls_ssl_conf_ca_chain(&end->config, &end->certificate, NULL);
    return status;
}

static int end_begin(tls_end *end, int role, unsigned *random, line_end *wire) {
    mbedtls_ssl_config_init(&end->config);
    mbedtls_ssl_init(&end->ssl);
    mbedtls_x509_crt_init(&end->certificate);
    mbedtls_pk_init(&end->key);
    int status = mbedtls_ssl_config_defaults(&end->config, role, MBEDTLS_SSL_TRANSPORT_STREAM,
                                             MBEDTLS_SSL_PRESET_DEFAULT);
    mbedtls_ssl_conf_rng(&end->config, numbers_give, random);
    if (status == 0) {
        status = role == MBEDTLS_SSL_IS_SERVER ? server_identify(end) : client_trust(end);
    }
    if (status == 0) {
        status = mbedtls_ssl_setup(&end->ssl, &end->config);
    }
    if (status == 0 && role == MBEDTLS_SSL_IS_CLIENT) {
        status = mbedtls_ssl_set_hostname(&end->ssl, "localhost");
    }
    mbedtls_ssl_set_bio(&end->ssl, wire, line_send, line_receive, NULL);
    return status;
}

static void end_free(tls_end *end) {
    mbedtls_ssl_free(&end->ssl);
    mbedtls_ssl_config_free(&end->config);
    mbedtls_x509_crt_free(&end->certificate);
    mbedtls_pk_free(&end->key);
}

/* ---- the scenario ---------------------------------------------------------------------------- */

static bool waits(int status) {
    return status == MBEDTLS_ERR_SSL_WANT_READ || status == MBEDTLS_ERR_SSL_WANT_WRITE;
}

static int hands_shake(tls_end *client, tls_end *server) {
    int at_client = MBEDTLS_ERR_SSL_WANT_READ;
    int at_server = MBEDTLS_ERR_SSL_WANT_READ;
    for (unsigned i = 0; i < 20 && (waits(at_client) || waits(at_server)); i++) {
        at_client = waits(at_client) ? mbedtls_ssl_handshake(&client->ssl) : at_client;
        at_server = waits(at_server) ? mbedtls_ssl_handshake(&server->ssl) : at_server;
        if ((at_client != 0 && !waits(at_client)) || (at_server != 0 && !waits(at_server))) {
            break;
        }
    }
    return at_client != 0 && !waits(at_client) ? at_client : at_server;
}

static bool message_arrives(tls_end *from, tls_end *to) {
    static const unsigned char sent[] = "temperature 21.5";
    unsigned char received[sizeof sent] = {0};
    return mbedtls_ssl_write(&from->ssl, sent, sizeof sent) == (int)sizeof sent &&
           mbedtls_ssl_read(&to->ssl, received, sizeof received) == (int)sizeof sent &&
           memcmp(sent, received, sizeof sent) == 0;
}

scenario_outcome scenario_run(void) {
    static line to_server, to_client;
    static tls_end client, server;
    line_end at_client = {&to_server, &to_client};
    line_end at_server = {&to_client, &to_server};
    unsigned random = 1;
    scenario_outcome outcome = SCENARIO_NO_MEMORY;
    const int at_server_status = end_begin(&server, MBEDTLS_SSL_IS_SERVER, &random, &at_server);
    const int at_client_status = end_begin(&client, MBEDTLS_SSL_IS_CLIENT, &random, &at_client);
    if (at_server_status == 0 && at_client_status == 0 && hands_shake(&client, &server) == 0) {
        outcome = message_arrives(&client, &server) && message_arrives(&server, &client)
                      ? SCENARIO_DONE
                      : SCENARIO_WRONG;
    }
    end_free(&client);
    end_free(&server);
    return outcome;
}
