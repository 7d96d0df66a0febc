/* A stand-in for libnvidia-ml.so.1 whose GPUs follow known power curves.

   The file named by FAKE_NVML is read at the first nvmlInit: "origin=S init_code=N" first, then a "gpu ..." line
   for each GPU (fake_nvml.py writes it). An energy counter is refreshed at origin + phase + k * refresh, give or
   take a jitter that depends on k alone, and holds its value in between, as real ones do. Nothing here is copied
   from NVIDIA's header: names and layouts are those of its published interface, as far as the product calls them. */
#include "curves.h"
#include <stdint.h>
#include <stdio.h>

#define MOST_GPUS 16
#define SUCCESS 0
#define UNINITIALIZED 1
#define INVALID_ARGUMENT 2
#define NOT_SUPPORTED 3
#define NOT_FOUND 6
#define INSUFFICIENT_SIZE 7
#define DRIVER_NOT_LOADED 9
#define GPU_IS_LOST 15
#define VERSION_MISMATCH 18
#define SAMPLE_US 166667
#define MOST_SLICES 8
#define MEAN_S 1.0

typedef struct {
    Curve curve;
    char name[96], uuid[96], pids[1024];
    double refresh_s, phase_s, jitter_s, start_mj, lost_at, back_at, fail_at, reset_at, limit_mw, late_s;
    int fail_code, energy, power, use, processes, samples, constraints, arch, major, minor, mean, fields, virtualised;
    Curve module;
    char place[32];
    int has_module, slices;
    struct Slice { void *gpu; int units, memory_mb, instance; char uuid[96]; } slice[MOST_SLICES];
} Gpu;
typedef struct Slice Slice;

typedef struct { unsigned int pid; unsigned long long memory; unsigned int gpu_instance, compute_instance; } Process;
typedef struct { unsigned int pid; unsigned long long stamp; unsigned int sm, memory, encoder, decoder; } Sample;
typedef struct { unsigned int gpu, memory; } Rates;
typedef struct { unsigned long long total, free, used; } Memory;
typedef union { double real; unsigned int whole; unsigned long long large; } Value;
typedef struct { unsigned int field, scope; long long stamp, latency; unsigned int type, result; Value value; } Field;
typedef struct { unsigned int sm, copy, decode, encode, jpeg, ofa, gpu_units, compute_units; unsigned long long memory_mb; } Size;
typedef struct {
    char legacy[16];
    unsigned int domain, bus, device, id, subsystem;
    char place[32];
} Pci;

static Gpu gpus[MOST_GPUS];
static int gpu_count, started, was_read, init_code;
static double origin_s, unload_at = -1, load_at = -1;
/* How often the driver had been loaded when the library was started: handles are good for that driver alone. */
static int loads_at_start;

/* slices=UNITS/MEMORY_MB/INSTANCE,... */
static void read_slices(Gpu *gpu, const char *line) {
    char text[512];
    strncpy(text, word(line, "slices", ""), sizeof text - 1);
    for (char *one = strtok(text, ","); one && gpu->slices < MOST_SLICES; one = strtok(NULL, ",")) {
        Slice *slice = &gpu->slice[gpu->slices];
        slice->gpu = gpu;
        sscanf(one, "%d/%d/%d", &slice->units, &slice->memory_mb, &slice->instance);
        char whole[80];
        strncpy(whole, gpu->uuid, sizeof whole - 1);
        whole[sizeof whole - 1] = 0;
        snprintf(slice->uuid, sizeof slice->uuid, "MIG-%d-%s", gpu->slices, whole);
        gpu->slices++;
    }
}

static void read_config(void) {
    const char *path = getenv("FAKE_NVML");
    FILE *file = path ? fopen(path, "r") : NULL;
    char line[8192];
    was_read = 1;
    while (file && fgets(line, sizeof line, file)) {
        if (!strncmp(line, "origin=", 7)) {
            origin_s = number(line, "origin", 0);
            init_code = (int)number(line, "init_code", 0);
            unload_at = number(line, "unload_at", -1);
            load_at = number(line, "load_at", -1);
        } else if (!strncmp(line, "gpu ", 4) && gpu_count < MOST_GPUS) {
            Gpu *gpu = &gpus[gpu_count++];
            curve_parse(word(line, "curve", "constant:0"), &gpu->curve);
            strncpy(gpu->name, word(line, "name", "Fake"), sizeof gpu->name - 1);
            for (char *at = gpu->name; *at; at++)
                if (*at == '_') *at = ' ';
            strncpy(gpu->uuid, word(line, "uuid", ""), sizeof gpu->uuid - 1);
            strncpy(gpu->pids, word(line, "pids", ""), sizeof gpu->pids - 1);
            gpu->refresh_s = number(line, "refresh_s", 0.1);
            gpu->phase_s = number(line, "phase_s", 0);
            gpu->jitter_s = number(line, "jitter_s", 0);
            gpu->start_mj = number(line, "start_mj", 0);
            gpu->lost_at = number(line, "lost_at", -1);
            gpu->back_at = number(line, "back_at", -1);
            gpu->late_s = number(line, "late_s", 0);
            gpu->major = (int)number(line, "major", 0);
            gpu->minor = (int)number(line, "minor", 0);
            gpu->mean = (int)number(line, "mean", 0);
            gpu->fields = (int)number(line, "fields", 0);
            gpu->virtualised = (int)number(line, "virtualised", 0);
            gpu->has_module = curve_parse(word(line, "module", "none"), &gpu->module);
            strncpy(gpu->place, word(line, "place", "00000000:01:00.0"), sizeof gpu->place - 1);
            read_slices(gpu, line);
            gpu->fail_at = number(line, "fail_at", -1);
            gpu->reset_at = number(line, "reset_at", -1);
            gpu->limit_mw = number(line, "limit_mw", 0);
            gpu->fail_code = (int)number(line, "fail_code", 999);
            gpu->energy = (int)number(line, "energy", 1);
            gpu->power = (int)number(line, "power", 1);
            gpu->use = (int)number(line, "use", 1);
            gpu->processes = (int)number(line, "processes", 1);
            gpu->samples = (int)number(line, "samples", 1);
            gpu->constraints = (int)number(line, "constraints", 1);
            gpu->arch = (int)number(line, "arch", 9);
        }
    }
    if (file) fclose(file);
}

static double now_s(void) { return monotonic_s() - origin_s; }

/* How often the driver was loaded again; -1 while it is not. */
static int loads(void) {
    double t = now_s();
    if (unload_at < 0 || t < unload_at) return 0;
    return load_at >= 0 && t >= load_at ? 1 : -1;
}

/* What every call on a GPU meets first. */
static int fault(const Gpu *gpu) {
    if (!started || loads() != loads_at_start) return UNINITIALIZED;
    if (gpu < gpus || gpu >= gpus + gpu_count) return INVALID_ARGUMENT;
    double t = now_s();
    if (gpu->lost_at >= 0 && t >= gpu->lost_at && (gpu->back_at < 0 || t < gpu->back_at)) return GPU_IS_LOST;
    if (gpu->fail_at >= 0 && t >= gpu->fail_at) return gpu->fail_code;
    return SUCCESS;
}

/* When the counter was brought up to date for the k-th time. */
static double refresh_at(const Gpu *gpu, double k) {
    uint64_t mixed = ((uint64_t)(int64_t)k + 1) * 0x9E3779B97F4A7C15u;
    mixed ^= mixed >> 29;
    mixed *= 0xBF58476D1CE4E5B9u;
    mixed ^= mixed >> 32;
    double spread = (double)(mixed & 0xFFFFFF) / (double)0x1000000 - 0.5;
    return gpu->phase_s + k * gpu->refresh_s + 2 * gpu->jitter_s * spread;
}

static double last_refresh(const Gpu *gpu, double t) {
    double k = floor((t - gpu->phase_s) / gpu->refresh_s) + 1;
    while (refresh_at(gpu, k) > t) k -= 1;
    return fmax(0, refresh_at(gpu, k));
}

/* Mean power over the second before an instant. The curve stands at its first value before the origin. */
static double mean_power(const Curve *curve, double t) {
    double before = t < MEAN_S ? (MEAN_S - t) * curve_power(curve, 0) : 0;
    return (curve_energy(curve, t) - curve_energy(curve, t - MEAN_S) + before) / MEAN_S;
}

static void wait_s(double seconds) {
    struct timespec time = {(time_t)seconds, (long)((seconds - floor(seconds)) * 1e9)};
    nanosleep(&time, NULL);
}

/* Process ids and SM percentages from the GPU's file: "PID SM" a line, read anew each time. */
static int read_processes(const Gpu *gpu, unsigned int *pids, unsigned int *sm, int most) {
    FILE *file = gpu->pids[0] ? fopen(gpu->pids, "r") : NULL;
    int count = 0;
    while (file && count < most && fscanf(file, "%u %u", &pids[count], &sm[count]) == 2) count++;
    if (file) fclose(file);
    return count;
}

int nvmlInitWithFlags(unsigned int flags) {
    (void)flags;
    if (!was_read) read_config();
    if (init_code) return init_code;
    if (loads() < 0) return VERSION_MISMATCH;
    loads_at_start = loads();
    started++;
    return SUCCESS;
}

int nvmlInit_v2(void) { return nvmlInitWithFlags(0); }

int nvmlShutdown(void) {
    if (!started) return UNINITIALIZED;
    started--;
    return SUCCESS;
}

const char *nvmlErrorString(int code) {
    switch (code) {
    case SUCCESS: return "Success";
    case UNINITIALIZED: return "Uninitialized";
    case NOT_SUPPORTED: return "Not Supported";
    case DRIVER_NOT_LOADED: return "Driver Not Loaded";
    case GPU_IS_LOST: return "GPU is lost";
    case VERSION_MISMATCH: return "Driver/library version mismatch";
    default: return "Unknown Error";
    }
}

int nvmlDeviceGetCount_v2(unsigned int *count) {
    *count = (unsigned int)gpu_count;
    return started ? SUCCESS : UNINITIALIZED;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned int index, Gpu **gpu) {
    if (index >= (unsigned int)gpu_count) return INVALID_ARGUMENT;
    *gpu = &gpus[index];
    return fault(*gpu);
}

int nvmlDeviceGetHandleByUUID(const char *uuid, Gpu **gpu) {
    for (int i = 0; i < gpu_count; i++)
        if (!strcmp(gpus[i].uuid, uuid)) {
            *gpu = &gpus[i];
            return fault(*gpu);
        }
    return NOT_FOUND;
}

int nvmlDeviceGetName(const Gpu *gpu, char *name, unsigned int length) {
    snprintf(name, length, "%s", gpu->name);
    return fault(gpu);
}

/* The slice that a handle stands for; NULL for a whole GPU's. */
static const Slice *slice_of(const void *handle) {
    for (int i = 0; i < gpu_count; i++)
        for (int k = 0; k < gpus[i].slices; k++)
            if (handle == &gpus[i].slice[k]) return &gpus[i].slice[k];
    return NULL;
}

int nvmlDeviceGetUUID(const Gpu *gpu, char *uuid, unsigned int length) {
    const Slice *slice = slice_of(gpu);
    if (slice) {
        snprintf(uuid, length, "%s", slice->uuid);
        return fault(slice->gpu);
    }
    snprintf(uuid, length, "%s", gpu->uuid);
    return gpu->uuid[0] ? fault(gpu) : NOT_SUPPORTED;
}

#ifndef WITHOUT_ENERGY
int nvmlDeviceGetTotalEnergyConsumption(const Gpu *gpu, unsigned long long *energy_mj) {
    if (fault(gpu)) return fault(gpu);
    if (!gpu->energy) return NOT_SUPPORTED;
    double t = last_refresh(gpu, now_s());
    double reset_at = loads() > 0 ? load_at : gpu->reset_at;
    int fresh = reset_at >= 0 && t >= reset_at;
    double counted_j = curve_energy(&gpu->curve, t) - (fresh ? curve_energy(&gpu->curve, reset_at) : 0);
    if (gpu->late_s > 0) wait_s(gpu->late_s);
    *energy_mj = (unsigned long long)((fresh ? 0 : gpu->start_mj) + counted_j * 1e3);
    return SUCCESS;
}
#endif

int nvmlDeviceGetPowerUsage(const Gpu *gpu, unsigned int *power_mw) {
    if (fault(gpu)) return fault(gpu);
    if (!gpu->power) return NOT_SUPPORTED;
    double t = last_refresh(gpu, now_s());
    *power_mw = (unsigned int)((gpu->mean ? mean_power(&gpu->curve, t) : curve_power(&gpu->curve, t)) * 1e3);
    return SUCCESS;
}

/* Fields 185 (mean power), 186 (power now) and 188 (highest limit) of the GPU (scope 0) and of its module (scope 1). */
int nvmlDeviceGetFieldValues(const Gpu *gpu, int count, Field *fields) {
    if (fault(gpu)) return fault(gpu);
    if (!gpu->fields && !gpu->has_module) return NOT_SUPPORTED;
    double t = last_refresh(gpu, now_s());
    for (int i = 0; i < count; i++) {
        Field *one = &fields[i];
        const Curve *curve = one->scope ? &gpu->module : &gpu->curve;
        int told = one->scope ? gpu->has_module : gpu->fields;
        double watts = one->field == 185 ? mean_power(curve, t) : one->field == 186 ? curve_power(curve, t) : 1000;
        if (one->field == 185 && !one->scope) told = told && gpu->mean;
        one->type = 1;
        one->value.whole = (unsigned int)(watts * 1e3);
        one->result = told && one->field >= 185 && one->field <= 188 && one->field != 187 ? SUCCESS : NOT_SUPPORTED;
    }
    return SUCCESS;
}

int nvmlDeviceGetPowerManagementLimitConstraints(const Gpu *gpu, unsigned int *least_mw, unsigned int *most_mw) {
    if (!gpu->limit_mw || !gpu->constraints) return NOT_SUPPORTED;
    *least_mw = (unsigned int)(gpu->limit_mw / 4);
    *most_mw = (unsigned int)gpu->limit_mw;
    return fault(gpu);
}

int nvmlDeviceGetEnforcedPowerLimit(const Gpu *gpu, unsigned int *limit_mw) {
    if (!gpu->limit_mw) return NOT_SUPPORTED;
    *limit_mw = (unsigned int)gpu->limit_mw;
    return fault(gpu);
}

int nvmlDeviceGetUtilizationRates(const Gpu *gpu, Rates *rates) {
    unsigned int pids[64], sm[64], sum = 0;
    if (!gpu->use || gpu->slices) return NOT_SUPPORTED;
    for (int i = 0, count = read_processes(gpu, pids, sm, 64); i < count; i++) sum += sm[i];
    rates->gpu = sum > 100 ? 100 : sum;
    rates->memory = rates->gpu / 2;
    return fault(gpu);
}

static int running(const Gpu *gpu, unsigned int *count, Process *processes) {
    unsigned int pids[64], sm[64];
    if (fault(gpu)) return fault(gpu);
    if (!gpu->processes) return NOT_SUPPORTED;
    int found = read_processes(gpu, pids, sm, 64);
    if (found > (int)*count) {
        *count = (unsigned int)found;
        return INSUFFICIENT_SIZE;
    }
    for (int i = 0; i < found; i++) {  /* of a divided GPU the second number is the slice */
        unsigned int instance = gpu->slices ? gpu->slice[sm[i] % gpu->slices].instance : 0xFFFFFFFF;
        processes[i] = (Process){pids[i], 1 << 20, instance, gpu->slices ? 0 : 0xFFFFFFFF};
    }
    *count = (unsigned int)found;
    return SUCCESS;
}

int nvmlDeviceGetComputeRunningProcesses_v2(const Gpu *gpu, unsigned int *count, Process *processes) {
    return running(gpu, count, processes);
}

#ifndef WITHOUT_PROCESSES_V3
int nvmlDeviceGetComputeRunningProcesses_v3(const Gpu *gpu, unsigned int *count, Process *processes) {
    return running(gpu, count, processes);
}
#endif

int nvmlDeviceGetProcessUtilization(const Gpu *gpu, Sample *samples, unsigned int *count, unsigned long long seen_us) {
    unsigned int pids[64], sm[64];
    if (fault(gpu)) return fault(gpu);
    if (!gpu->samples || gpu->slices) return NOT_SUPPORTED;
    if (!samples) {
        *count = 100;
        return INSUFFICIENT_SIZE;
    }
    unsigned long long stamp = (unsigned long long)(monotonic_s() * 1e6) / SAMPLE_US * SAMPLE_US;
    int found = stamp > seen_us ? read_processes(gpu, pids, sm, (int)*count < 64 ? (int)*count : 64) : 0;
    if (!found) return NOT_FOUND;
    for (int i = 0; i < found; i++) samples[i] = (Sample){pids[i], stamp, sm[i], sm[i] / 2, 0, 0};
    *count = (unsigned int)found;
    return SUCCESS;
}

/* What other tools ask for, so that they can be scored on the same host. */
int nvmlSystemGetDriverVersion(char *text, unsigned int length) {
    snprintf(text, length, "0.0 (fake)");
    return SUCCESS;
}

int nvmlDeviceGetArchitecture(const Gpu *gpu, unsigned int *architecture) {
    *architecture = (unsigned int)gpu->arch;
    return fault(gpu);
}

int nvmlDeviceGetCudaComputeCapability(const Gpu *gpu, int *major, int *minor) {
    *major = gpu->major;
    *minor = gpu->minor;
    return gpu->major ? fault(gpu) : NOT_SUPPORTED;
}

int nvmlDeviceGetVirtualizationMode(const Gpu *gpu, unsigned int *mode) {
    *mode = (unsigned int)gpu->virtualised;
    return fault(gpu);
}

int nvmlDeviceGetPciInfo_v3(const Gpu *gpu, Pci *pci) {
    memset(pci, 0, sizeof *pci);
    snprintf(pci->place, sizeof pci->place, "%s", gpu->place);
    return fault(gpu);
}

/* Slices of a divided GPU (MIG). */
int nvmlDeviceGetMigMode(const Gpu *gpu, unsigned int *now, unsigned int *then) {
    *now = *then = gpu->slices > 0;
    return fault(gpu);
}

int nvmlDeviceGetMaxMigDeviceCount(const Gpu *gpu, unsigned int *count) {
    *count = 7;
    return fault(gpu);
}

int nvmlDeviceGetMigDeviceHandleByIndex(Gpu *gpu, unsigned int index, void **slice) {
    if (fault(gpu)) return fault(gpu);
    if ((int)index >= gpu->slices) return NOT_FOUND;
    *slice = &gpu->slice[index];
    return SUCCESS;
}

int nvmlDeviceGetGpuInstanceId(const Slice *slice, unsigned int *id) {
    *id = (unsigned int)slice->instance;
    return fault(slice->gpu);
}

int nvmlDeviceGetComputeInstanceId(const Slice *slice, unsigned int *id) {
    *id = 0;
    return fault(slice->gpu);
}

int nvmlDeviceGetAttributes_v2(const Slice *slice, Size *size) {
    memset(size, 0, sizeof *size);
    size->gpu_units = size->compute_units = (unsigned int)slice->units;
    size->memory_mb = (unsigned long long)slice->memory_mb;
    return fault(slice->gpu);
}

/* The state that it is in. */
int nvmlDeviceGetClockInfo(const Gpu *gpu, unsigned int domain, unsigned int *mhz) {
    *mhz = domain == 1 ? 1410 : 810;
    return fault(gpu);
}

int nvmlDeviceGetCurrentClocksEventReasons(const Gpu *gpu, unsigned long long *reasons) {
    *reasons = 0x04;
    return fault(gpu);
}

int nvmlDeviceGetMemoryInfo(const Gpu *gpu, Memory *memory) {
    unsigned long long gib = gpu->slices ? 80 : 16;
    *memory = (Memory){gib << 30, (gib - 1) << 30, 1ull << 30};
    return fault(gpu);
}

int nvmlDeviceGetTemperature(const Gpu *gpu, unsigned int sensor, unsigned int *celsius) {
    (void)sensor;
    *celsius = 50;
    return fault(gpu);
}

int nvmlDeviceGetComputeMode(const Gpu *gpu, unsigned int *mode) {
    *mode = 0;
    return fault(gpu);
}

int nvmlDeviceGetGraphicsRunningProcesses_v3(const Gpu *gpu, unsigned int *count, Process *processes) {
    (void)processes;
    *count = 0;
    return fault(gpu);
}
