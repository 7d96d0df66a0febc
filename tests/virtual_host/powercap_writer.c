/* Keeps a powercap tree moving: rewrites each zone's energy_uj in place, along its power curve.

   powercap_writer CONFIG LATE_FILE
   CONFIG: "origin=S period_us=N" first, then "zone path=... curve=... start_uj=N range_uj=N unit_uj=X reset_at=S
   freeze_at=S freeze_to=S silent_from=S silent_to=S" and "stat path=... busy=CPUS cpus=N steal=CPUS mirror=0|1".
   A zone with per_cpu_w=W draws that much more for each CPU that is really busy, by the /proc/stat that it mirrors.
   Times are seconds after the origin (CLOCK_MONOTONIC). Readers keep the files open, so a file is never replaced;
   what is shorter than its field is filled up with newlines. Ends with its parent.
   Where the writer itself came late, it says so in LATE_FILE: "FROM TO" in seconds after the origin. */
#define _GNU_SOURCE
#include "curves.h"
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define MOST_ZONES 32
#define FIELD 24
#define LATE_S 0.0008

typedef struct {
    int fd, silent;
    Curve curve;
    double start_uj, per_cpu_w, range_uj, unit_uj, reset_at, freeze_at, freeze_to, silent_from, silent_to;
} Zone;

typedef struct {
    int fd, mirror;
    double busy, cpus, steal;
} Stat;

static Zone zones[MOST_ZONES];
static int zone_count;
static Stat stat_file = {.fd = -1};
static double origin_s;
static long period_us = 500;
static double ticks_a_second, first_ticks = -1, busy_s; /* of the real host, since the first look */

static double zone_uj(const Zone *zone, double t) {
    if (zone->freeze_at >= 0 && t > zone->freeze_at && t < zone->freeze_to) t = zone->freeze_at;
    double uj = zone->start_uj + (curve_energy(&zone->curve, t) + zone->per_cpu_w * busy_s) * 1e6;
    if (zone->reset_at >= 0 && t >= zone->reset_at)
        uj = (curve_energy(&zone->curve, t) - curve_energy(&zone->curve, zone->reset_at)) * 1e6;
    uj = floor(uj / zone->unit_uj) * zone->unit_uj;
    return zone->range_uj > 0 ? fmod(uj, zone->range_uj) : uj;
}

static void write_zone(Zone *zone, double t) {
    if (zone->silent_from >= 0 && t >= zone->silent_from && t < zone->silent_to) {
        if (!zone->silent && ftruncate(zone->fd, 0) == 0) zone->silent = 1;
        return;
    }
    zone->silent = 0;
    char text[FIELD + 1];
    int length = snprintf(text, sizeof text, "%.0f", floor(zone_uj(zone, t)));
    memset(text + length, '\n', FIELD - (size_t)length);
    if (pwrite(zone->fd, text, FIELD, 0) != FIELD) _exit(3);
}

/* user, nice, system, irq and softirq of the line of all CPUs. */
static void follow_load(const char *line) {
    double fields[8] = {0};
    char *rest = (char *)line + 3;
    for (int i = 0; i < 8; i++) fields[i] = strtod(rest, &rest);
    double ticks = fields[0] + fields[1] + fields[2] + fields[5] + fields[6];
    if (first_ticks < 0) first_ticks = ticks;
    busy_s = (ticks - first_ticks) / ticks_a_second;
}

static void write_stat(double t) {
    char text[4097];
    ssize_t length = 0;
    if (stat_file.mirror) {
        int real = open("/proc/stat", O_RDONLY);
        length = real < 0 ? 0 : read(real, text, 1024);
        if (real >= 0) close(real);
        char *end = length > 0 ? memchr(text, '\n', (size_t)length) : NULL;
        length = end ? end - text + 1 : 0;
        if (end) follow_load(text);
    } else {
        length = snprintf(text, sizeof text, "cpu  %.0f 0 1000 %.0f 0 0 0 %.0f 0 0\n", 50000 + t * 100 * stat_file.busy,
                          900000 + t * 100 * (stat_file.cpus - stat_file.busy - stat_file.steal),
                          stat_file.steal > 0 ? 100 + t * 100 * stat_file.steal : 0);
    }
    memset(text + length, '\n', (size_t)(256 - length % 256));
    if (length > 0 && pwrite(stat_file.fd, text, (size_t)(length + 256 - length % 256), 0) < 0) _exit(3);
}

static void read_config(const char *path) {
    FILE *file = fopen(path, "r");
    char line[8192];
    if (!file) exit(2);
    while (fgets(line, sizeof line, file)) {
        if (!strncmp(line, "origin=", 7)) {
            origin_s = number(line, "origin", 0);
            period_us = (long)number(line, "period_us", 500);
        } else if (!strncmp(line, "zone ", 5) && zone_count < MOST_ZONES) {
            Zone *zone = &zones[zone_count++];
            zone->fd = open(word(line, "path", ""), O_WRONLY | O_CREAT, 0644);
            if (zone->fd < 0 || !curve_parse(word(line, "curve", ""), &zone->curve)) exit(2);
            zone->start_uj = number(line, "start_uj", 0);
            zone->per_cpu_w = number(line, "per_cpu_w", 0);
            zone->range_uj = number(line, "range_uj", 0);
            zone->unit_uj = number(line, "unit_uj", 1);
            zone->reset_at = number(line, "reset_at", -1);
            zone->freeze_at = number(line, "freeze_at", -1);
            zone->freeze_to = number(line, "freeze_to", 1e9);
            zone->silent_from = number(line, "silent_from", -1);
            zone->silent_to = number(line, "silent_to", 1e30);
        } else if (!strncmp(line, "stat ", 5)) {
            stat_file.fd = open(word(line, "path", ""), O_WRONLY | O_CREAT, 0644);
            stat_file.mirror = (int)number(line, "mirror", 0);
            stat_file.busy = number(line, "busy", 0);
            stat_file.steal = number(line, "steal", 0);
            stat_file.cpus = number(line, "cpus", 1);
        }
    }
    fclose(file);
}

int main(int count, char **words) {
    if (count != 3) return 2;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    struct sched_param real_time = {.sched_priority = 1};
    if (sched_setscheduler(0, SCHED_FIFO, &real_time) < 0) setpriority(PRIO_PROCESS, 0, -10); /* as far as we may */
    prctl(PR_SET_TIMERSLACK, 1000);
    ticks_a_second = (double)sysconf(_SC_CLK_TCK);
    read_config(words[1]);
    FILE *late = fopen(words[2], "a");
    if (!late) return 2;
    double last = -1, last_stat = -1;
    for (long turn = 0;; turn++) {
        double t = monotonic_s() - origin_s;
        if (stat_file.fd >= 0 && t - last_stat >= 0.01) {
            write_stat(t);
            last_stat = t;
        }
        for (int i = 0; i < zone_count; i++) write_zone(&zones[i], t);
        if (turn == 0) {
            puts("moving");
            fflush(stdout);
        } else if (t - last > LATE_S) {
            fprintf(late, "%.6f %.6f\n", last, t);
            fflush(late);
        }
        last = t;
        usleep((useconds_t)period_us);
    }
}
