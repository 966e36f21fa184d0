#include "simulated_disk.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SECTOR = 512, SHM_REGIONS_MAX = 64, DISKS_MAX = 256 };

typedef struct change {
    struct change *next;
    int64_t offset; // of a write; the new size of a truncation
    int64_t count;  // -1 for a truncation
    unsigned char *bytes;
} change;

typedef struct content {
    unsigned char *bytes;
    int64_t size, room;
} content;

typedef struct node {
    struct node *next;
    char name[200];
    int disk, references, is_removed;
    content now, synced;
    change *first, *last;
    void *shm[SHM_REGIONS_MAX];
} node;

typedef struct disk {
    int armed, happened, is_dead, lies;
    int64_t countdown;
    int64_t generation;
} disk;

typedef struct handle {
    sqlite3_file base;
    node *file;
    int64_t generation;
    int removes;
} handle;

static node *nodes;
static disk disks[DISKS_MAX];
static uint64_t seed_state = 1;
static struct simdisk_counts counts;

static uint64_t draw(void) { // SplitMix64
    seed_state += 0x9E3779B97F4A7C15u;
    uint64_t mixed = seed_state;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
    return mixed ^ (mixed >> 31);
}

static int disk_of(const char *path) {
    int number = path && path[0] == '/' ? atoi(path + 1) : 0;
    return number >= 0 && number < DISKS_MAX ? number : 0;
}

// ---- Content ----

static void resize(content *it, int64_t size) {
    if (size > it->room) {
        int64_t room = it->room ? it->room : 8192;
        while (room < size) room *= 2;
        it->bytes = realloc(it->bytes, (size_t)room);
        if (!it->bytes) abort();
        it->room = room;
    }
    if (size > it->size) memset(it->bytes + it->size, 0, (size_t)(size - it->size));
    it->size = size;
}

static void put(content *it, int64_t offset, const unsigned char *bytes, int64_t count) {
    if (offset + count > it->size) resize(it, offset + count);
    memcpy(it->bytes + offset, bytes, (size_t)count);
}

static void copy(content *to, const content *from) {
    resize(to, from->size);
    if (from->size) memcpy(to->bytes, from->bytes, (size_t)from->size);
    to->size = from->size;
}

static void apply(content *it, const change *one, int64_t count) {
    if (one->count < 0) resize(it, one->offset);
    else put(it, one->offset, one->bytes, count);
}

static void note(node *file, int64_t offset, const void *bytes, int64_t count) {
    change *one = calloc(1, sizeof *one);
    if (!one) abort();
    one->offset = offset;
    one->count = count;
    if (count > 0) {
        one->bytes = malloc((size_t)count);
        if (!one->bytes) abort();
        memcpy(one->bytes, bytes, (size_t)count);
    }
    if (file->last) file->last->next = one;
    else file->first = one;
    file->last = one;
    apply(&file->now, one, count);
}

static void forget_changes(node *file) {
    while (file->first) {
        change *next = file->first->next;
        free(file->first->bytes);
        free(file->first);
        file->first = next;
    }
    file->last = NULL;
}

static void forget_shm(node *file) {
    for (int i = 0; i < SHM_REGIONS_MAX; i++) {
        free(file->shm[i]);
        file->shm[i] = NULL;
    }
}

static void sync_file(node *file) {
    for (change *one = file->first; one; one = one->next) apply(&file->synced, one, one->count);
    forget_changes(file);
}

// ---- Files ----

static node *find(const char *name) {
    for (node *it = nodes; it; it = it->next)
        if (!it->is_removed && strcmp(it->name, name) == 0) return it;
    return NULL;
}

static node *make(const char *name) {
    node *it = calloc(1, sizeof *it);
    if (!it) abort();
    snprintf(it->name, sizeof it->name, "%s", name);
    it->disk = disk_of(name);
    it->next = nodes;
    nodes = it;
    return it;
}

static void release(node *file) {
    if (file->references > 0 || !file->is_removed) return;
    for (node **it = &nodes; *it; it = &(*it)->next) {
        if (*it != file) continue;
        *it = file->next;
        forget_changes(file);
        forget_shm(file);
        free(file->now.bytes);
        free(file->synced.bytes);
        free(file);
        return;
    }
}

static void drop(node *file) {
    file->is_removed = 1;
    release(file);
}

static int is_stale(const handle *it) {
    const disk *its = &disks[it->file->disk];
    return its->is_dead || it->generation != its->generation;
}

// The result of the next write or sync on the disk: counts down to the armed fault.
static int fault(int number, int is_sync) {
    disk *it = &disks[number];
    if (!it->armed || it->happened) return SQLITE_OK;
    int waits = (it->armed == SIMDISK_WRITE_ERROR || it->armed == SIMDISK_FULL) ? is_sync
                : it->armed == SIMDISK_SYNC_ERROR                              ? !is_sync
                                                                               : 0;
    if (waits || --it->countdown > 0) return SQLITE_OK;
    it->happened = 1;
    switch (it->armed) {
    case SIMDISK_CRASH: it->is_dead = 1; return SQLITE_IOERR;
    case SIMDISK_WRITE_ERROR: counts.write_errors++; return SQLITE_IOERR_WRITE;
    case SIMDISK_SYNC_ERROR: counts.sync_errors++; return SQLITE_IOERR_FSYNC;
    default: counts.full++; return SQLITE_FULL;
    }
}

// ---- sqlite3_io_methods ----

static int x_close(sqlite3_file *base) {
    handle *it = (handle *)base;
    it->file->references--;
    if (it->removes) drop(it->file);
    else release(it->file);
    return SQLITE_OK;
}

static int x_read(sqlite3_file *base, void *out, int count, sqlite3_int64 offset) {
    handle *it = (handle *)base;
    if (is_stale(it)) return SQLITE_IOERR_READ;
    int64_t there = it->file->now.size - offset;
    if (there > count) there = count;
    if (there < 0) there = 0;
    if (there > 0) memcpy(out, it->file->now.bytes + offset, (size_t)there);
    if (there == count) return SQLITE_OK;
    memset((char *)out + there, 0, (size_t)(count - there));
    return SQLITE_IOERR_SHORT_READ;
}

static int x_write(sqlite3_file *base, const void *in, int count, sqlite3_int64 offset) {
    handle *it = (handle *)base;
    if (is_stale(it)) return SQLITE_IOERR_WRITE;
    int result = fault(it->file->disk, 0);
    // The machine may die after the write went to the disk's cache, too.
    if (result == SQLITE_OK || (disks[it->file->disk].is_dead && draw() & 1))
        note(it->file, offset, in, count);
    return result;
}

static int x_truncate(sqlite3_file *base, sqlite3_int64 size) {
    handle *it = (handle *)base;
    if (is_stale(it)) return SQLITE_IOERR_TRUNCATE;
    int result = fault(it->file->disk, 0);
    if (result == SQLITE_OK) note(it->file, size, NULL, -1);
    return result;
}

static int x_sync(sqlite3_file *base, int flags) {
    (void)flags;
    handle *it = (handle *)base;
    if (is_stale(it)) return SQLITE_IOERR_FSYNC;
    int result = fault(it->file->disk, 1);
    counts.syncs++;
    int lies = disks[it->file->disk].lies;
    if (!lies && (result == SQLITE_OK || (disks[it->file->disk].is_dead && draw() & 1)))
        sync_file(it->file);
    return result;
}

static int x_size(sqlite3_file *base, sqlite3_int64 *size) {
    handle *it = (handle *)base;
    if (is_stale(it)) return SQLITE_IOERR_FSTAT;
    *size = it->file->now.size;
    return SQLITE_OK;
}

static int x_lock(sqlite3_file *base, int level) {
    (void)level;
    return is_stale((handle *)base) ? SQLITE_IOERR_LOCK : SQLITE_OK;
}

static int x_unlock(sqlite3_file *base, int level) {
    (void)base;
    (void)level;
    return SQLITE_OK;
}

static int x_check_lock(sqlite3_file *base, int *is_locked) {
    (void)base;
    *is_locked = 0;
    return SQLITE_OK;
}

static int x_control(sqlite3_file *base, int code, void *argument) {
    (void)base;
    (void)code;
    (void)argument;
    return SQLITE_NOTFOUND;
}

static int x_sector(sqlite3_file *base) {
    (void)base;
    return 4096;
}

static int x_characteristics(sqlite3_file *base) {
    (void)base;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int x_shm_map(sqlite3_file *base, int region, int size, int extend, void volatile **out) {
    handle *it = (handle *)base;
    *out = NULL;
    if (is_stale(it) || region >= SHM_REGIONS_MAX) return SQLITE_IOERR_SHMMAP;
    if (!it->file->shm[region] && extend) {
        it->file->shm[region] = calloc(1, (size_t)size);
        if (!it->file->shm[region]) abort();
    }
    *out = it->file->shm[region];
    return SQLITE_OK;
}

static int x_shm_lock(sqlite3_file *base, int offset, int count, int flags) {
    (void)base;
    (void)offset;
    (void)count;
    (void)flags;
    return SQLITE_OK;
}

static void x_shm_barrier(sqlite3_file *base) { (void)base; }

static int x_shm_unmap(sqlite3_file *base, int removes) {
    handle *it = (handle *)base;
    // A handle from before a crash has no part in it; another connection may.
    if (removes && !is_stale(it) && it->file->references <= 1) forget_shm(it->file);
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = x_close,
    .xRead = x_read,
    .xWrite = x_write,
    .xTruncate = x_truncate,
    .xSync = x_sync,
    .xFileSize = x_size,
    .xLock = x_lock,
    .xUnlock = x_unlock,
    .xCheckReservedLock = x_check_lock,
    .xFileControl = x_control,
    .xSectorSize = x_sector,
    .xDeviceCharacteristics = x_characteristics,
    .xShmMap = x_shm_map,
    .xShmLock = x_shm_lock,
    .xShmBarrier = x_shm_barrier,
    .xShmUnmap = x_shm_unmap,
};

// ---- sqlite3_vfs ----

static int v_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *out) {
    (void)vfs;
    handle *it = (handle *)base;
    memset(it, 0, sizeof *it);
    static int64_t temporary;
    char own[64];
    if (!name) {
        snprintf(own, sizeof own, "/0/temporary-%lld", (long long)temporary++);
        name = own;
        it->removes = 1;
    }
    if (disks[disk_of(name)].is_dead) return SQLITE_CANTOPEN;
    node *file = find(name);
    if (!file && !(flags & SQLITE_OPEN_CREATE)) return SQLITE_CANTOPEN;
    if (!file) file = make(name);
    if (flags & SQLITE_OPEN_DELETEONCLOSE) it->removes = 1;
    file->references++;
    it->file = file;
    it->generation = disks[file->disk].generation;
    it->base.pMethods = &methods;
    if (out) *out = flags;
    return SQLITE_OK;
}

static int v_delete(sqlite3_vfs *vfs, const char *name, int syncs) {
    (void)vfs;
    (void)syncs;
    if (disks[disk_of(name)].is_dead) return SQLITE_IOERR_DELETE;
    node *file = find(name);
    if (!file) return SQLITE_IOERR_DELETE_NOENT;
    drop(file);
    return SQLITE_OK;
}

static int v_access(sqlite3_vfs *vfs, const char *name, int flags, int *out) {
    (void)vfs;
    (void)flags;
    node *file = find(name);
    // As SQLite's own unix VFS has it: an empty file is none.
    *out = file != NULL && (flags != SQLITE_ACCESS_EXISTS || file->now.size > 0);
    return SQLITE_OK;
}

static int v_full_name(sqlite3_vfs *vfs, const char *name, int room, char *out) {
    (void)vfs;
    snprintf(out, (size_t)room, "%s", name);
    return SQLITE_OK;
}

static int v_random(sqlite3_vfs *vfs, int count, char *out) {
    (void)vfs;
    for (int i = 0; i < count; i++) out[i] = (char)draw();
    return count;
}

static int v_sleep(sqlite3_vfs *vfs, int microseconds) {
    (void)vfs;
    return microseconds;
}

static int v_time(sqlite3_vfs *vfs, double *out) {
    (void)vfs;
    *out = 2461000.5;
    return SQLITE_OK;
}

static int v_error(sqlite3_vfs *vfs, int room, char *out) {
    (void)vfs;
    (void)room;
    (void)out;
    return 0;
}

static sqlite3_vfs vfs = {
    .iVersion = 1,
    .szOsFile = sizeof(handle),
    .mxPathname = 190,
    .zName = "daybook-simulated",
    .xOpen = v_open,
    .xDelete = v_delete,
    .xAccess = v_access,
    .xFullPathname = v_full_name,
    .xRandomness = v_random,
    .xSleep = v_sleep,
    .xCurrentTime = v_time,
    .xGetLastError = v_error,
};

// ---- What the simulator calls ----

int simdisk_register(void) {
    return sqlite3_vfs_find(vfs.zName) ? SQLITE_OK : sqlite3_vfs_register(&vfs, 0);
}

void simdisk_seed(uint64_t seed) {
    seed_state = seed;
    memset(&counts, 0, sizeof counts);
}

void simdisk_forget_all(void) {
    node *next;
    for (node *it = nodes; it; it = next) {
        next = it->next;
        drop(it);
    }
    for (int i = 0; i < DISKS_MAX; i++) {
        int64_t generation = disks[i].generation + 1;
        memset(&disks[i], 0, sizeof disks[i]);
        disks[i].generation = generation;
    }
}

int simdisk_exists(const char *path) { return find(path) != NULL; }

void simdisk_remove(const char *path) {
    static const char *ends[] = {"", "-wal", "-shm", "-journal"};
    for (int i = 0; i < 4; i++) {
        char name[220];
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        node *file = find(name);
        if (file) drop(file);
    }
}

void simdisk_copy(int from, int to) {
    node *next;
    for (node *it = nodes; it; it = next) {
        next = it->next;
        if (it->disk == to && !it->is_removed) drop(it);
    }
    // New nodes are put before the old ones, so this walks the old ones only.
    for (node *it = nodes; it; it = it->next) {
        if (it->disk != from || it->is_removed) continue;
        char name[220];
        snprintf(name, sizeof name, "/%d%s", to, strchr(it->name + 1, '/'));
        node *new = make(name);
        copy(&new->now, &it->now);
        copy(&new->synced, &it->now);
    }
    disks[to].generation++;
    disks[to].is_dead = 0;
}

int simdisk_holds(int disk, const char *text) {
    int64_t length = (int64_t)strlen(text);
    for (node *it = nodes; it; it = it->next) {
        if (it->disk != disk || it->is_removed) continue;
        for (int64_t at = 0; at + length <= it->now.size; at++)
            if (!memcmp(it->now.bytes + at, text, (size_t)length)) return 1;
    }
    return 0;
}

int simdisk_overwrite(const char *path, int64_t offset, int64_t count) {
    node *file = find(path);
    if (!file || offset + count > file->now.size) return 0;
    for (int64_t i = 0; i < count; i++) {
        unsigned char byte = (unsigned char)draw();
        put(&file->now, offset + i, &byte, 1);
        if (offset + i < file->synced.size) put(&file->synced, offset + i, &byte, 1);
    }
    return 1;
}

void simdisk_arm(int number, enum simdisk_fault fault, int64_t n) {
    disks[number].armed = fault;
    disks[number].happened = 0;
    disks[number].countdown = n;
}

int simdisk_disarm(int number) {
    int happened = disks[number].happened;
    disks[number].armed = 0;
    disks[number].happened = 0;
    return happened;
}

void simdisk_kill(int number) { disks[number].is_dead = 1; }

int simdisk_is_dead(int number) { return disks[number].is_dead; }

void simdisk_lie_about_sync(int number, int lies) { disks[number].lies = lies; }

// Of the changes that were not synced: all up to some one, or any of them; each whole or torn at a sector.
static void forget_unsynced(node *file) {
    int64_t number = 0;
    for (change *one = file->first; one; one = one->next) number++;
    int in_order = (int)(draw() & 1);
    int64_t most = number ? (int64_t)(draw() % (uint64_t)(number + 1)) : 0;
    int64_t index = 0;
    for (change *one = file->first; one; one = one->next, index++) {
        int keeps = in_order ? index < most : (int)(draw() & 1);
        if (!keeps) {
            counts.writes_dropped++;
            continue;
        }
        int64_t count = one->count;
        int is_last = in_order ? index == most - 1 : 1;
        if (count > SECTOR && is_last && draw() % 4 == 0) {
            count = (int64_t)(draw() % (uint64_t)(count / SECTOR)) * SECTOR;
            counts.writes_torn++;
        }
        apply(&file->synced, one, count);
    }
    forget_changes(file);
    copy(&file->now, &file->synced);
    forget_shm(file);
}

void simdisk_restart(int number) {
    node *next;
    for (node *it = nodes; it; it = next) {
        next = it->next;
        if (it->disk == number && !it->is_removed) forget_unsynced(it);
    }
    disks[number].is_dead = 0;
    disks[number].armed = 0;
    disks[number].happened = 0;
    disks[number].generation++;
    counts.crashes++;
}

struct simdisk_counts simdisk_counts(void) { return counts; }
