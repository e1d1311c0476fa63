/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lwIP: two interfaces joined by a wire in memory; a client sends a file to a server by TCP, both
 * close. Debian's build takes all memory, that of its pools too, from malloc and its kin, which are
 * the program's (../common/linked_malloc.c). A build of your own has MEM_CUSTOM_MALLOC and so on
 * (2.2.1), or mem_clib_malloc (2.1.3).
 */
#define _POSIX_C_SOURCE 200809L
#include <lwip/init.h>
#include <lwip/ip.h>
#include <lwip/netif.h>
#include <lwip/pbuf.h>
#include <lwip/priv/tcp_priv.h>
#include <lwip/tcp.h>
#include <string.h>

#include "../common/scenario.h"

/* It ends the program if its own timers find no memory at the start. */
const size_t scenario_blocks_kept = 7; /* its timers */
const bool scenario_may_abort = true;

enum { PORT = 7, MTU = 1500, FILE_BYTES = 12000, WIRE_PACKETS = 64, ROUNDS = 400 };

/* ---- the wire -------------------------------------------------------------------------------- */

typedef struct {
    struct pbuf *packets[WIRE_PACKETS];
    unsigned count;
} wire;

static struct netif near, far;
static wire to_near, to_far;

/* A packet is copied, as a driver does. One that finds no memory or place is lost. */
static err_t packet_send(struct netif *from, struct pbuf *packet, const ip4_addr_t *address) {
    wire *const out = from == &near ? &to_far : &to_near;
    (void)address;
    struct pbuf *const copy =
        out->count == WIRE_PACKETS ? NULL : pbuf_clone(PBUF_RAW, PBUF_RAM, packet);
    if (copy == NULL) {
        return ERR_MEM;
    }
    out->packets[out->count++] = copy;
    return ERR_OK;
}

static void packets_arrive(wire *in, struct netif *at) {
    const wire arrived = *in;
    in->count = 0;
    for (unsigned i = 0; i < arrived.count; i++) {
        if (ip_input(arrived.packets[i], at) != ERR_OK) {
            pbuf_free(arrived.packets[i]);
        }
    }
}

static err_t interface_begin(struct netif *begun) {
    begun->output = packet_send;
    begun->mtu = MTU;
    begun->name[0] = 'm';
    begun->name[1] = 'm';
    return ERR_OK;
}

static void interface_add(struct netif *added, unsigned number) {
    ip4_addr_t address, mask, gateway;
    IP4_ADDR(&address, 10, 0, number, 1);
    IP4_ADDR(&mask, 255, 255, 255, 0);
    IP4_ADDR(&gateway, 0, 0, 0, 0);
    (void)netif_add(added, &address, &mask, &gateway, NULL, interface_begin, ip_input);
    netif_set_up(added);
    netif_set_link_up(added);
}

/* ---- both ends ------------------------------------------------------------------------------- */

static struct tcp_pcb *listener, *client, *server;
static size_t sent, received;
static bool is_wrong, has_ended;

static u8_t letter(size_t at) { return (u8_t)('a' + at * at % 23); }

static err_t piece_received(void *user, struct tcp_pcb *pcb, struct pbuf *piece, err_t error) {
    (void)user;
    if (piece == NULL || error != ERR_OK) {
        has_ended = true;
        return ERR_OK;
    }
    for (u16_t i = 0; i < piece->tot_len; i++) {
        is_wrong = is_wrong || pbuf_get_at(piece, i) != letter(received + i);
    }
    received += piece->tot_len;
    tcp_recved(pcb, piece->tot_len);
    (void)pbuf_free(piece);
    return ERR_OK;
}

static void server_lost(void *user, err_t error) {
    (void)user;
    (void)error;
    server = NULL;
}

static void client_lost(void *user, err_t error) {
    (void)user;
    (void)error;
    client = NULL;
}

static err_t client_accepted(void *user, struct tcp_pcb *pcb, err_t error) {
    (void)user;
    if (pcb == NULL || error != ERR_OK) {
        return ERR_VAL;
    }
    server = pcb;
    tcp_recv(server, piece_received);
    tcp_err(server, server_lost);
    return ERR_OK;
}

static err_t server_found(void *user, struct tcp_pcb *pcb, err_t error) {
    (void)user;
    (void)pcb;
    return error;
}

/* Sends what lwIP takes now. What finds no memory is sent later. */
static void file_send(void) {
    u8_t piece[500];
    while (client != NULL && sent < FILE_BYTES) {
        for (size_t i = 0; i < sizeof piece; i++) {
            piece[i] = letter(sent + i);
        }
        if (tcp_write(client, piece, sizeof piece, TCP_WRITE_FLAG_COPY) != ERR_OK) {
            break;
        }
        sent += sizeof piece;
    }
    if (client != NULL) {
        (void)tcp_output(client);
    }
}

static bool ends_are_made(void) {
    listener = tcp_new_ip_type(IPADDR_TYPE_V4);
    client = tcp_new_ip_type(IPADDR_TYPE_V4);
    if (listener == NULL || client == NULL) {
        return false;
    }
    tcp_bind_netif(listener, &far);
    tcp_bind_netif(client, &near);
    tcp_err(client, client_lost);
    struct tcp_pcb *const listens = tcp_bind(listener, IP4_ADDR_ANY, PORT) == ERR_OK
                                        ? tcp_listen_with_backlog(listener, 1)
                                        : NULL;
    if (listens == NULL) {
        return false;
    }
    listener = listens;
    tcp_accept(listener, client_accepted);
    ip_addr_t address;
    IP_ADDR4(&address, 10, 0, 2, 1);
    return tcp_connect(client, &address, PORT, server_found) == ERR_OK;
}

static void ends_abort(void) {
    if (client != NULL) {
        tcp_abort(client);
    }
    if (server != NULL) {
        tcp_abort(server);
    }
    if (listener != NULL) {
        (void)tcp_close(listener);
    }
}

/* ---- the scenario ---------------------------------------------------------------------------- */

/* Time is the number of rounds: each is one tick of TCP's timer. */
static void talk(void) {
    for (unsigned i = 0; i < ROUNDS && client != NULL && received < FILE_BYTES; i++) {
        if (client->state == ESTABLISHED) {
            file_send();
        }
        packets_arrive(&to_far, &far);
        packets_arrive(&to_near, &near);
        tcp_tmr();
    }
}

static void packets_drop(wire *in) {
    while (in->count > 0) {
        (void)pbuf_free(in->packets[--in->count]);
    }
}

scenario_outcome scenario_run(void) {
    lwip_init();
    interface_add(&near, 1);
    interface_add(&far, 2);
    const bool are_made = ends_are_made();
    if (are_made) {
        talk();
    }
    ends_abort();
    packets_drop(&to_far);
    packets_drop(&to_near);
    netif_remove(&far);
    netif_remove(&near);
    if (is_wrong || received > FILE_BYTES) {
        return SCENARIO_WRONG;
    }
    return received == FILE_BYTES ? SCENARIO_DONE : SCENARIO_NO_MEMORY;
}
