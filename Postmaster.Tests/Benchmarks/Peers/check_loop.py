"""Judges each mail of a folder with dkimpy and pyspf, as a whole process: check_loop.py FOLDER PORT NOW"""
import logging
import os
import sys
import time

import dkim
import dns.resolver
import spf

folder, port, now = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
logging.disable(logging.CRITICAL)
time.time = lambda: now  # else the signatures have expired, and it would do less than we do
resolver = dns.resolver.Resolver(configure=False)
resolver.nameservers, resolver.port, resolver.cache = ["127.0.0.1"], port, dns.resolver.LRUCache()
dns.resolver.default_resolver = resolver


def verdict(mail, index):
    try:
        return dkim.DKIM(mail).verify(idx=index)
    except Exception:
        return False


def signatures(mail):
    try:
        return sum(name.lower() == b"dkim-signature" for name, _ in dkim.DKIM(mail).headers)
    except Exception:
        return 0


passed = 0
for name in sorted(os.listdir(folder)):
    with open(os.path.join(folder, name), "rb") as file:
        mail = file.read()
    passed += sum([verdict(mail, i) for i in range(signatures(mail))])
    if spf.check2(i="203.0.113.130", s="letter@example.org", h="mta7.example.net")[0] != "pass":
        sys.exit(3)
print(passed)
