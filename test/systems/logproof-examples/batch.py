import requests
events = [
    {'type': 'user.login', 'actor': {'id': 'user_123'}},
    {'type': 'file.upload', 'actor': {'id': 'user_123'}},
    {'type': 'document.view', 'actor': {'id': 'user_456'}}
]
# Single request for multiple events
response = requests.post(
    'https://api.logproof.com/v1/events/batch',
    headers={'Authorization': 'Bearer lp_test_...'},
    json={'events': events}
)
