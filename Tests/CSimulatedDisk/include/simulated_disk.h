// Disks that forget what was not synced: an SQLite VFS for the simulator.
//
// A path "/N/name" lies on disk N. Everything is in memory and single-threaded. Every write and truncation is
// kept apart until its file is synced; a crash applies some of them, whole or torn, and forgets the rest, as
// SQLite's own crash tests do (test6.c).
#ifndef SIMULATED_DISK_H
#define SIMULATED_DISK_H
#include <stdint.h>

// Registers the VFS "daybook-simulated"; again is harmless. An SQLite result code.
int simdisk_register(void);
// Seeds what the VFS draws: which writes a crash keeps, and SQLite's own random bytes.
void simdisk_seed(uint64_t seed);

// Forgets all files of all disks. No connection may be open.
void simdisk_forget_all(void);
int simdisk_exists(const char *path);
// Removes the file and SQLite's companions.
void simdisk_remove(const char *path);
// Copies all files of a disk over another's, as they are now: what `cp` sees. All of it is durable there.
void simdisk_copy(int from, int to);
// Whether some file of the disk holds these bytes.
int simdisk_holds(int disk, const char *text);
// Overwrites bytes in a file of a disk, as a bad disk does. Returns 0 when there is no such file.
int simdisk_overwrite(const char *path, int64_t offset, int64_t count);

enum simdisk_fault {
    SIMDISK_CRASH = 1,       // the machine dies at that operation: every later one fails
    SIMDISK_WRITE_ERROR = 2, // one write fails
    SIMDISK_SYNC_ERROR = 3,  // one sync fails
    SIMDISK_FULL = 4         // one write finds the disk full
};
// The fault happens at the n-th write, truncation or sync from now (1 is the next).
void simdisk_arm(int disk, enum simdisk_fault fault, int64_t n);
// Takes back what has not happened; 1 when it had happened.
int simdisk_disarm(int disk);
// The machine is dead: every operation fails until simdisk_restart.
void simdisk_kill(int disk);
int simdisk_is_dead(int disk);
// Power comes back: what was not synced is kept, torn or forgotten. Open handles stay dead.
void simdisk_restart(int disk);
// A disk that says "synced" and does not sync: a mutation that the simulator must catch.
void simdisk_lie_about_sync(int disk, int lies);

// What happened since the last simdisk_seed.
struct simdisk_counts {
    int64_t crashes, writes_dropped, writes_torn, write_errors, sync_errors, full, syncs;
};
struct simdisk_counts simdisk_counts(void);
#endif
