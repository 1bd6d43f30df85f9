/* Faults at the n-th change that a process asks of the disk under one folder, wherever it comes from: Python, Polars,
 * DuckDB. Loaded with LD_PRELOAD; driven through one small file mapped by all (injector.py). Counts every call that
 * opens for writing, writes, cuts, flushes, renames, links, makes, removes or closes rights. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { COUNT = 0, KILL = 1, FAIL_ONCE = 2, FULL = 3 };

struct shared {
    long armed, passed, target, kind, error, log, hits;
    char root[1024];
};

static struct shared *shared;

__attribute__((constructor)) static void start(void) {
    const char *path = getenv("CHAOS_STATE");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0) return;
    void *found = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    syscall(SYS_close, fd);
    if (found != MAP_FAILED) shared = found;
}

static int whole(int dirfd, const char *path, char *out) {
    char link[64], base[PATH_MAX];
    if (path && path[0] == '/') { snprintf(out, PATH_MAX, "%s", path); return 1; }
    if (dirfd == AT_FDCWD) snprintf(link, sizeof link, "/proc/self/cwd");
    else snprintf(link, sizeof link, "/proc/self/fd/%d", dirfd);
    ssize_t size = readlink(link, base, sizeof base - 1);
    if (size < 0) return 0;
    base[size] = 0;
    if (path) { if ((size_t)snprintf(out, PATH_MAX, "%s/%s", base, path) >= PATH_MAX) return 0; }
    else snprintf(out, PATH_MAX, "%s", base);
    return 1;
}

/* -1 where the call must fail (errno set), 0 where it goes on. `takes`: whether it asks for room on the disk. */
static int step(const char *what, int takes, int dirfd, const char *path) {
    char name[PATH_MAX];
    int kept = errno;
    if (!shared || !shared->armed || !whole(dirfd, path, name)) { errno = kept; return 0; }
    if (strncmp(name, shared->root, strlen(shared->root))) { errno = kept; return 0; }
    long rank = __sync_fetch_and_add(&shared->passed, 1);
    if (shared->log) dprintf((int)shared->log, "%ld %s %s\n", rank, what, name + strlen(shared->root));
    errno = kept;
    if (shared->kind == COUNT || rank < shared->target) return 0;
    if (shared->kind == KILL) { shared->hits++; kill(getpid(), SIGKILL); for (;;) pause(); }
    if (shared->kind == FAIL_ONCE && rank == shared->target) { shared->hits++; errno = (int)shared->error; return -1; }
    if (shared->kind == FULL && takes) { shared->hits++; errno = ENOSPC; return -1; }
    return 0;
}

#define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
#define WRITES(flags) ((flags) & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC))
/* A call `name` of `parameters`: the fault if it is its turn, else the real one, called with `arguments`. */
#define CALL(type, name, parameters, arguments, what, takes, dir, path) \
    type name parameters { REAL(name); return step(what, takes, dir, path) ? -1 : real arguments; }
#define OPEN(name, parameters, arguments, dir) \
    int name parameters { \
        REAL(name); \
        mode_t mode = 0; \
        if (flags & (O_CREAT | O_TMPFILE)) { \
            va_list list; \
            va_start(list, flags); \
            mode = va_arg(list, mode_t); \
            va_end(list); \
        } \
        return WRITES(flags) && step("open", flags & O_CREAT, dir, path) ? -1 : real arguments; \
    }

OPEN(open, (const char *path, int flags, ...), (path, flags, mode), AT_FDCWD)
OPEN(open64, (const char *path, int flags, ...), (path, flags, mode), AT_FDCWD)
OPEN(openat, (int dir, const char *path, int flags, ...), (dir, path, flags, mode), dir)
OPEN(openat64, (int dir, const char *path, int flags, ...), (dir, path, flags, mode), dir)
CALL(int, creat, (const char *path, mode_t mode), (path, mode), "open", 1, AT_FDCWD, path)

CALL(ssize_t, write, (int fd, const void *data, size_t size), (fd, data, size), "write", 1, fd, NULL)
CALL(ssize_t, writev, (int fd, const struct iovec *data, int n), (fd, data, n), "write", 1, fd, NULL)
CALL(ssize_t, pwrite, (int fd, const void *data, size_t size, off_t at), (fd, data, size, at), "write", 1, fd, NULL)
CALL(ssize_t, pwrite64, (int fd, const void *data, size_t size, off64_t at), (fd, data, size, at), "write", 1, fd, NULL)
CALL(ssize_t, copy_file_range, (int in, off64_t *from, int out, off64_t *to, size_t size, unsigned flags),
     (in, from, out, to, size, flags), "write", 1, out, NULL)
CALL(ssize_t, sendfile, (int out, int in, off_t *from, size_t size), (out, in, from, size), "write", 1, out, NULL)
CALL(ssize_t, sendfile64, (int out, int in, off64_t *from, size_t size), (out, in, from, size), "write", 1, out, NULL)
CALL(int, fallocate64, (int fd, int mode, off64_t at, off64_t size), (fd, mode, at, size), "write", 1, fd, NULL)
CALL(int, ftruncate, (int fd, off_t size), (fd, size), "cut", size > 0, fd, NULL)
CALL(int, ftruncate64, (int fd, off64_t size), (fd, size), "cut", size > 0, fd, NULL)
CALL(int, fsync, (int fd), (fd), "fsync", 0, fd, NULL)
CALL(int, fdatasync, (int fd), (fd), "fsync", 0, fd, NULL)

CALL(int, rename, (const char *from, const char *to), (from, to), "rename", 0, AT_FDCWD, to)
CALL(int, renameat, (int a, const char *from, int b, const char *to), (a, from, b, to), "rename", 0, b, to)
CALL(int, link, (const char *from, const char *to), (from, to), "link", 1, AT_FDCWD, to)
CALL(int, linkat, (int a, const char *from, int b, const char *to, int flags), (a, from, b, to, flags), "link", 1, b, to)
CALL(int, symlink, (const char *from, const char *to), (from, to), "link", 1, AT_FDCWD, to)
CALL(int, symlinkat, (const char *from, int dir, const char *to), (from, dir, to), "link", 1, dir, to)
CALL(int, mkdir, (const char *path, mode_t mode), (path, mode), "mkdir", 1, AT_FDCWD, path)
CALL(int, mkdirat, (int dir, const char *path, mode_t mode), (dir, path, mode), "mkdir", 1, dir, path)
CALL(int, unlink, (const char *path), (path), "unlink", 0, AT_FDCWD, path)
CALL(int, unlinkat, (int dir, const char *path, int flags), (dir, path, flags), "unlink", 0, dir, path)
CALL(int, remove, (const char *path), (path), "unlink", 0, AT_FDCWD, path)
CALL(int, rmdir, (const char *path), (path), "rmdir", 0, AT_FDCWD, path)
CALL(int, chmod, (const char *path, mode_t mode), (path, mode), "chmod", 0, AT_FDCWD, path)
CALL(int, fchmod, (int fd, mode_t mode), (fd, mode), "chmod", 0, fd, NULL)
CALL(int, fchmodat, (int dir, const char *path, mode_t mode, int flags), (dir, path, mode, flags), "chmod", 0, dir, path)
