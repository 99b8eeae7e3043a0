import requests
import time
def call_api_with_retry(max_retries=3):
    for attempt in range(max_retries):
        response = requests.post(
            'https://api.logproof.com/v1/events',
            headers={'Authorization': 'Bearer lp_test_...'},
            json={'type': 'user.login'}
        )
        if response.status_code == 429:
            retry_after = int(response.headers.get('Retry-After', 60))
            delay = min(retry_after, 2 ** attempt)
            print(f'Rate limited. Retrying in {delay}s')
            time.sleep(delay)
            continue
        return response
    raise Exception('Max retries exceeded')
