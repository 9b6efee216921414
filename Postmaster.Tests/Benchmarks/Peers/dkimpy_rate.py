"""Verifies one mail in a loop with dkimpy and prints how often a second of processor time: dkimpy_rate.py MAIL RECORD"""
import sys
import time

import dkim

mail = open(sys.argv[1], "rb").read()
record = open(sys.argv[2], "rb").read()
for seconds in (0.2, 0.8):
    count = 0
    start = time.process_time()
    while time.process_time() - start < seconds:
        if not dkim.verify(mail, dnsfunc=lambda name, timeout=5: record):
            sys.exit(3)
        count += 1
    rate = count / (time.process_time() - start)
print(rate)
