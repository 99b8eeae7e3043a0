response = requests.get(
    'https://api.logproof.com/v1/events',
    headers={'Authorization': 'Bearer lp_test_...'}
)
remaining = int(response.headers.get('X-RateLimit-Remaining', 0))
limit = int(response.headers.get('X-RateLimit-Limit', 100))
if remaining < limit * 0.1:
    print(f'Only {remaining} requests remaining in this window')
    # Consider slowing down or batching requests
