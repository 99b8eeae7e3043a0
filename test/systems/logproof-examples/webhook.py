# Configure webhook instead of polling
import requests
response = requests.post(
    'https://api.logproof.com/v1/webhooks',
    headers={'Authorization': 'Bearer lp_test_...'},
    json={
        'url': 'https://your-app.com/webhooks/logproof',
        'events': ['event.created', 'export.completed']
    }
)
