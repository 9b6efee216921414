/*
 * What libopendkim says of each signature of each mail: opendkim_verdicts FOLDER KEYS NOW
 * FOLDER holds the mails as files named 0, 1, 2 and so on; a line of KEYS is a name, a space and its TXT record; NOW counts seconds.
 * Prints a line a signature: number of the mail, number of the signature from the top, pass or fail, and why.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stdbool.h>
#include <time.h>
#include <sys/types.h>
#include <dkim.h>

#define MAX_NAME 512

static char *keys;
static time_t now;

/* The library asks this one: it has an option for the time, but heeds it only when it signs. */
time_t time(time_t *where)
{
    if (where != NULL)
        *where = now;
    return now;
}

static char *read_file(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return NULL;
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
    char name[MAX_NAME];
    size_t length = (size_t)snprintf(name, sizeof name, "%s._domainkey.%s ", dkim_sig_getselector(signature), dkim_sig_getdomain(signature));
    for (char *line = keys; *line != '\0'; line = strchr(line, '\n') + 1) {
        if (strncasecmp(line, name, length) == 0) {
            snprintf((char *)buffer, size, "%.*s", (int)strcspn(line + length, "\n"), line + length);
            return DKIM_CBSTAT_CONTINUE;
        }
    }
    return DKIM_CBSTAT_NOTFOUND;
}

/* Hands the header over field by field; returns where the body starts. */
static char *give_header(DKIM *dkim, char *mail)
{
    char *field = mail, *line = mail;
    for (;;) {
        char *end = strchr(line, '\n');
        if (end == NULL)
            return line + strlen(line);
        char *next = end + 1;
        if (*next != ' ' && *next != '\t') {
            size_t length = (size_t)(end - field);
            if (length > 0 && field[length - 1] == '\r')
                length--;
            dkim_header(dkim, (u_char *)field, length);
            field = next;
        }
        if (*next == '\n')
            return next + 1;
        if (next[0] == '\r' && next[1] == '\n')
            return next + 2;
        line = next;
    }
}

static void judge(DKIM_LIB *library, int number, char *mail, size_t length)
{
    DKIM_STAT status;
    DKIM *dkim = dkim_verify(library, (u_char *)"mail", NULL, &status);
    char *body = give_header(dkim, mail);
    status = dkim_eoh(dkim);
    if (status != DKIM_STAT_OK) {
        printf("%d * fail %s\n", number, dkim_getresultstr(status));
        dkim_free(dkim);
        return;
    }
    dkim_body(dkim, (u_char *)body, length - (size_t)(body - mail));
    bool testing;
    dkim_eom(dkim, &testing);

    DKIM_SIGINFO **signatures;
    int count = 0;
    dkim_getsiglist(dkim, &signatures, &count);
    for (int i = 0; i < count; i++) {
        dkim_sig_process(dkim, signatures[i]);
        unsigned flags = dkim_sig_getflags(signatures[i]);
        bool pass = (flags & DKIM_SIGFLAG_PASSED) != 0 && dkim_sig_getbh(signatures[i]) == DKIM_SIGBH_MATCH
            && dkim_sig_geterror(signatures[i]) == DKIM_SIGERROR_OK;
        dkim_canon_t of_header = DKIM_CANON_UNKNOWN, of_body = DKIM_CANON_UNKNOWN;
        dkim_sig_getcanons(signatures[i], &of_header, &of_body);
        const char *words = dkim_sig_geterrorstr(dkim_sig_geterror(signatures[i]));
        printf("%d %d %s %s%s\n", number, i, pass ? "pass" : "fail", words == NULL ? "" : words,
            dkim_sig_getbh(signatures[i]) != DKIM_SIGBH_MISMATCH ? "" : of_body == DKIM_CANON_SIMPLE ? ", another hash of the simple body" : ", another hash of the relaxed body");
    }
    dkim_free(dkim);
}

int main(int argc, char **argv)
{
    size_t length;
    if (argc != 4 || (keys = read_file(argv[2], &length)) == NULL)
        return 2;
    DKIM_LIB *library = dkim_init(NULL, NULL);
    if (library == NULL)
        return 3;
    now = (time_t)strtoll(argv[3], NULL, 10);
    unsigned flags = DKIM_LIBFLAGS_FIXCRLF; /* a mail on disk may have any line ends */
    dkim_options(library, DKIM_OP_SETOPT, DKIM_OPTS_FLAGS, &flags, sizeof flags);
    dkim_set_key_lookup(library, find_key);
    for (int number = 0;; number++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%d", argv[1], number);
        char *mail = read_file(path, &length);
        if (mail == NULL)
            break;
        judge(library, number, mail, length);
        free(mail);
    }
    dkim_close(library);
    return 0;
}
