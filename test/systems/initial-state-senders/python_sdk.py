# Sends readings as the vendor's Python SDK does (ISStreamer 2.0.0), in the same calls with the same headers.
import http.client
import json
import os
import time

HEADERS = {
    'Content-Type': 'application/json',
    'User-Agent': 'PyStreamer v2.0.0',
    'Accept-Version': '<=0.0.4',
    'X-IS-AccessKey': os.environ['KEY'],
}
EVENTS_HEADERS = {**HEADERS, 'X-IS-BucketKey': 'greenhouse'}


def post(path, body, headers):
    connection = http.client.HTTPConnection(os.environ['HOST'])
    connection.request('POST', path, json.dumps(body), headers)
    response = connection.getresponse()
    response.read()
    print(path, response.status, flush=True)
    if response.status == 429:
        seconds = int(response.getheader('Retry-After')) + 1
        print('waits', seconds, flush=True)
        time.sleep(seconds)
        post(path, body, headers)


post('/api/buckets', {'bucketKey': 'greenhouse', 'bucketName': 'Green house'}, HEADERS)
for first in (1767268800.25, 1767268801.25, 1767268802.25):
    events = [{'key': 'temperature', 'value': i, 'epoch': first + i / 10} for i in range(5)]
    post('/api/events', events, EVENTS_HEADERS)
