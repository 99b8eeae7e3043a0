# Sends an event, sends two more with one request, and lists what there is. Needs nothing but Python.
import json
import os
from urllib.request import Request, urlopen


def ask(path, body=None):
    headers = {"Authorization": "Bearer " + os.environ["HEADGATE_KEY"], "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(os.environ["HEADGATE_URL"] + path, data, headers)) as response:
        return json.load(response)


event = ask("/v1/events", {"type": "user.login", "actor": {"id": "user_123"}})
print("kept", event["id"])

batch = ask("/v1/events/batch", {
    "events": [
        {"type": "file.upload", "actor": {"id": "user_123"}, "target": {"id": "file_9"}},
        {"type": "user.logout", "actor": {"id": "user_123"}},
    ],
})
print("accepted", batch["accepted"], "rejected", batch["rejected"])

for event in ask("/v1/events?actor=user_123&limit=3")["items"]:
    print(event["time"], event["type"])
