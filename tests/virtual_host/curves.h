/* Power curves with their energy in closed form. Keep in step with curves.py: a test compares the two. */
#ifndef VIRTUAL_HOST_CURVES_H
#define VIRTUAL_HOST_CURVES_H

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MOST_STEPS 64

typedef struct {
    char kind; /* c constant, q square wave, r ramp, s steps */
    double a, b, c, d;
    int steps;
    double from[MOST_STEPS], watts[MOST_STEPS];
} Curve;

/* "constant:W", "square:LOW:HIGH:PERIOD:DUTY", "ramp:FROM:TO:SECONDS", "steps:T=W,T=W..."; 0 where it cannot be read. */
static int curve_parse(const char *spec, Curve *curve) {
    memset(curve, 0, sizeof *curve);
    const char *colon = strchr(spec, ':');
    if (!colon) return 0;
    char *rest = (char *)colon + 1;
    if (!strncmp(spec, "steps", 5)) {
        curve->kind = 's';
        while (*rest && curve->steps < MOST_STEPS) {
            curve->from[curve->steps] = strtod(rest, &rest);
            if (*rest++ != '=') return 0;
            curve->watts[curve->steps++] = strtod(rest, &rest);
            if (*rest == ',') rest++;
        }
        return curve->steps > 0;
    }
    curve->kind = !strncmp(spec, "constant", 8) ? 'c' : !strncmp(spec, "square", 6) ? 'q' : !strncmp(spec, "ramp", 4) ? 'r' : 0;
    double *values[4] = {&curve->a, &curve->b, &curve->c, &curve->d};
    for (int i = 0; i < 4 && *rest; i++) {
        *values[i] = strtod(rest, &rest);
        if (*rest == ':') rest++;
    }
    return curve->kind != 0;
}

/* Watts at t seconds after the origin. */
__attribute__((unused)) static double curve_power(const Curve *curve, double t) {
    if (curve->kind == 'c') return curve->a;
    if (curve->kind == 'q') return fmod(t, curve->c) < curve->d * curve->c ? curve->b : curve->a;
    if (curve->kind == 'r') return t >= curve->c ? curve->b : curve->a + (curve->b - curve->a) * t / curve->c;
    double watts = curve->watts[0];
    for (int i = 0; i < curve->steps && curve->from[i] <= t; i++) watts = curve->watts[i];
    return watts;
}

/* Joules from the origin to t. */
static double curve_energy(const Curve *curve, double t) {
    if (t <= 0) return 0;
    if (curve->kind == 'c') return curve->a * t;
    if (curve->kind == 'q') {
        double high_s = curve->d * curve->c, whole = floor(t / curve->c), rest = t - whole * curve->c;
        double high = whole * high_s + fmin(rest, high_s);
        return curve->b * high + curve->a * (t - high);
    }
    if (curve->kind == 'r') {
        double in = fmin(t, curve->c);
        return curve->a * in + (curve->b - curve->a) * in * in / (2 * curve->c) + curve->b * (t - in);
    }
    double joules = 0;
    for (int i = 0; i < curve->steps && curve->from[i] < t; i++) {
        double until = i + 1 < curve->steps ? fmin(curve->from[i + 1], t) : t;
        joules += curve->watts[i] * (until - curve->from[i]);
    }
    return joules;
}

static double monotonic_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* The value of key=VALUE in a line of space-separated words, or fallback. Gives a buffer that the next call reuses. */
static const char *word(const char *line, const char *key, const char *fallback) {
    static char value[4096];
    size_t length = strlen(key);
    for (const char *at = line; at && *at; at = strchr(at, ' '), at = at ? at + 1 : NULL) {
        if (!strncmp(at, key, length) && at[length] == '=') {
            size_t size = strcspn(at + length + 1, " \n");
            if (size >= sizeof value) size = sizeof value - 1;
            memcpy(value, at + length + 1, size);
            value[size] = 0;
            return value;
        }
    }
    return fallback;
}

__attribute__((unused)) static double number(const char *line, const char *key, double fallback) {
    const char *text = word(line, key, NULL);
    return text ? strtod(text, NULL) : fallback;
}

#endif
