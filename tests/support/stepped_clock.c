/* Loaded before libc by a service under test: its wall clock is the real one plus an offset that the test may change
   while the service runs. Monotonic clocks and sleeps stay as they are. The offset is eight bytes in a file. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>

static volatile int64_t *offset_s;

__attribute__((constructor)) static void begin(void) {
    const char *file = getenv("STEPPED_CLOCK");
    int at = file ? open(file, O_RDONLY) : -1;
    if (at >= 0) {
        void *page = mmap(0, sizeof(int64_t), PROT_READ, MAP_SHARED, at, 0);
        if (page != MAP_FAILED) offset_s = page;
    }
}

int clock_gettime(clockid_t which, struct timespec *out) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int said = real(which, out);
    if (!said && offset_s && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)) out->tv_sec += *offset_s;
    return said;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone) {
    struct timespec now;
    (void)zone;
    int said = clock_gettime(CLOCK_REALTIME, &now);
    if (!said && out) { out->tv_sec = now.tv_sec; out->tv_usec = now.tv_nsec / 1000; }
    return said;
}

time_t time(time_t *out) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out) *out = now.tv_sec;
    return now.tv_sec;
}
