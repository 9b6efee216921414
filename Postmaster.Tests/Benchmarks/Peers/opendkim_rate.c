/* Verifies one mail in a loop with libopendkim and prints how often a second of processor time: opendkim_rate MAIL RECORD */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <stdbool.h>
#include <sys/types.h>
#include <dkim.h>

#define MAX_FIELDS 200
#define SECONDS 0.6

static char *record;

static char *read_file(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        exit(2);
    fseek(file, 0, SEEK_END);
    *length = (size_t)ftell(file);
    rewind(file);
    char *octets = malloc(*length + 1);
    if (octets == NULL || fread(octets, 1, *length, file) != *length)
        exit(2);
    octets[*length] = '\0';
    fclose(file);
    return octets;
}

static DKIM_CBSTAT find_key(DKIM *dkim, DKIM_SIGINFO *signature, u_char *buffer, size_t size)
{
    (void)dkim;
    (void)signature;
    snprintf((char *)buffer, size, "%s", record);
    return DKIM_CBSTAT_CONTINUE;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    size_t length, record_length, starts[MAX_FIELDS + 1];
    char *mail = read_file(argv[1], &length);
    record = read_file(argv[2], &record_length);
    char *body = strstr(mail, "\r\n\r\n") + 4;

    int fields = 0;
    for (char *line = mail; line < body - 2 && fields < MAX_FIELDS; line = strstr(line, "\r\n") + 2)
        if (*line != ' ' && *line != '\t')
            starts[fields++] = (size_t)(line - mail);
    starts[fields] = (size_t)(body - 2 - mail);

    DKIM_LIB *library = dkim_init(NULL, NULL);
    dkim_set_key_lookup(library, find_key);
    long count = 0;
    clock_t start = 0, used = 0;
    for (int warm = 1; warm >= 0; warm--) {
        count = 0;
        start = clock();
        do {
            DKIM_STAT status;
            bool testing;
            DKIM *dkim = dkim_verify(library, (u_char *)"rate", NULL, &status);
            for (int i = 0; i < fields; i++)
                dkim_header(dkim, (u_char *)mail + starts[i], starts[i + 1] - starts[i] - 2);
            if (dkim_eoh(dkim) != DKIM_STAT_OK)
                return 3;
            dkim_body(dkim, (u_char *)body, length - (size_t)(body - mail));
            if (dkim_eom(dkim, &testing) != DKIM_STAT_OK)
                return 4;
            dkim_free(dkim);
            count++;
            used = clock() - start;
        } while ((double)used / CLOCKS_PER_SEC < SECONDS);
    }
    printf("%f\n", (double)count * CLOCKS_PER_SEC / (double)used);
    return 0;
}
