/* Checks one client in a loop with libspf2, answers in its own zone in memory, and prints how often a second of processor time. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <netinet/in.h>
#include <arpa/nameser.h>
#include <spf2/spf.h>
#include <spf2/spf_dns_zone.h>

#define SECONDS 0.6

static const char *const zone[][2] = {
    { "example.org", "v=spf1 ip4:192.0.2.0/28 include:_spf.example.net include:_spf.example.com -all" },
    { "_spf.example.net", "v=spf1 ip4:198.51.100.0/25 ip6:2001:db8:1::/48 ~all" },
    { "_spf.example.com", "v=spf1 ip4:203.0.113.0/25 ip4:203.0.113.128/26 ip6:2001:db8:2::/48 ~all" },
};

static void check(SPF_server_t *server)
{
    SPF_request_t *request = SPF_request_new(server);
    SPF_response_t *response = NULL;
    SPF_request_set_ipv4_str(request, "203.0.113.130");
    SPF_request_set_helo_dom(request, "mta7.example.net");
    SPF_request_set_env_from(request, "letter@example.org");
    SPF_request_query_mailfrom(request, &response);
    if (SPF_response_result(response) != SPF_RESULT_PASS)
        exit(3);
    SPF_response_free(response);
    SPF_request_free(request);
}

int main(void)
{
    SPF_dns_server_t *resolver = SPF_dns_zone_new(NULL, "zone", 0);
    for (size_t i = 0; i < sizeof zone / sizeof zone[0]; i++)
        if (SPF_dns_zone_add_str(resolver, zone[i][0], ns_t_txt, NETDB_SUCCESS, zone[i][1]) != SPF_E_SUCCESS)
            return 2;
    SPF_server_t *server = SPF_server_new_dns(resolver, 0);
    SPF_server_set_rec_dom(server, "mx1.example.com");
    double used = 0;
    long count = 0;
    for (int warm = 1; warm >= 0; warm--) {
        count = 0;
        clock_t start = clock();
        do {
            for (int i = 0; i < 100; i++)
                check(server);
            count += 100;
            used = (double)(clock() - start) / CLOCKS_PER_SEC;
        } while (used < SECONDS);
    }
    printf("%f\n", (double)count / used);
    return 0;
}
