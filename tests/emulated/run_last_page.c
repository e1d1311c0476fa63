/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Runs an image of last_page.c on an emulated x86 processor (libunicorn), of 32 or 64 bits as the
 * image is. The last 64 KiB of the address space are memory.
 *     run_last_page IMAGE
 * Prints and returns what the image has found: 0, or the line of random_requests.c.
 */
#include <elf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicorn/unicorn.h>

enum {
    IMAGE_BEGIN = 0x100000, /* as the image is linked */
    IMAGE_BYTES = 0x100000,
    STACK_BYTES = 0x10000,
    STACK_TOP = IMAGE_BEGIN,
    RETURN_ADDRESS = IMAGE_BEGIN + IMAGE_BYTES - 16, /* nothing is there: emulation ends */
    LAST_BYTES = 0x10000
};

static unsigned char file[1 << 20];

static void require(uc_err error, const char *what) {
    if (error != UC_ERR_OK) {
        fprintf(stderr, "run_last_page: %s: %s\n", what, uc_strerror(error));
        exit(2);
    }
}

static size_t read_file(const char *name) {
    FILE *stream = fopen(name, "rb");
    const size_t bytes = stream == NULL ? 0 : fread(file, 1, sizeof(file), stream);
    if (bytes == 0 || bytes == sizeof(file)) {
        fprintf(stderr, "run_last_page: cannot read %s\n", name);
        exit(2);
    }
    fclose(stream);
    return bytes;
}

/* Writes the segments of the image. Returns its entry. */
static uint64_t load_32(uc_engine *uc) {
    const Elf32_Ehdr *head = (const Elf32_Ehdr *)(const void *)file;
    const Elf32_Phdr *segments = (const Elf32_Phdr *)(const void *)(file + head->e_phoff);
    for (unsigned i = 0; i < head->e_phnum; i++) {
        const Elf32_Phdr *s = &segments[i];
        if (s->p_type == PT_LOAD && s->p_filesz != 0) {
            require(uc_mem_write(uc, s->p_vaddr, file + s->p_offset, s->p_filesz), "image");
        }
    }
    return head->e_entry;
}

static uint64_t load_64(uc_engine *uc) {
    const Elf64_Ehdr *head = (const Elf64_Ehdr *)(const void *)file;
    const Elf64_Phdr *segments = (const Elf64_Phdr *)(const void *)(file + head->e_phoff);
    for (unsigned i = 0; i < head->e_phnum; i++) {
        const Elf64_Phdr *s = &segments[i];
        if (s->p_type == PT_LOAD && s->p_filesz != 0) {
            require(uc_mem_write(uc, s->p_vaddr, file + s->p_offset, s->p_filesz), "image");
        }
    }
    return head->e_entry;
}

int main(int count, char **arguments) {
    if (count != 2) {
        fprintf(stderr, "usage: run_last_page IMAGE\n");
        return 2;
    }
    read_file(arguments[1]);
    const int is_64 = file[EI_CLASS] == ELFCLASS64;
    const uint64_t last = is_64 ? UINT64_MAX : UINT32_MAX;
    const uint64_t return_address = RETURN_ADDRESS;
    const uint64_t stack = STACK_TOP - 64 - (is_64 ? 8 : 4); /* as behind a call */
    uint64_t result = 0;
    uc_engine *uc;
    require(uc_open(UC_ARCH_X86, is_64 ? UC_MODE_64 : UC_MODE_32, &uc), "processor");
    require(uc_mem_map(uc, IMAGE_BEGIN - STACK_BYTES, IMAGE_BYTES + STACK_BYTES, UC_PROT_ALL),
            "memory");
    require(uc_mem_map(uc, last - LAST_BYTES + 1, LAST_BYTES, UC_PROT_ALL), "last memory");
    const uint64_t entry = is_64 ? load_64(uc) : load_32(uc);
    require(uc_mem_write(uc, stack, &return_address, is_64 ? 8 : 4), "stack");
    require(uc_reg_write(uc, is_64 ? UC_X86_REG_RSP : UC_X86_REG_ESP, &stack), "stack pointer");
    require(uc_emu_start(uc, entry, RETURN_ADDRESS, 0, 0), "program");
    require(uc_reg_read(uc, is_64 ? UC_X86_REG_RAX : UC_X86_REG_EAX, &result), "result");
    uc_close(uc);
    if ((uint32_t)result != 0) {
        printf("failed: line %u of random_requests.c\n", (unsigned)(uint32_t)result);
        return 1;
    }
    printf("passed\n");
    return 0;
}
