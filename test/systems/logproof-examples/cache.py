import requests
from datetime import datetime, timedelta
cache = {}
CACHE_TTL = timedelta(minutes=1)
def get_events():
    cache_key = 'events_list'
    if cache_key in cache:
        cached_data, timestamp = cache[cache_key]
        if datetime.now() - timestamp < CACHE_TTL:
            return cached_data
    response = requests.get(
        'https://api.logproof.com/v1/events',
        headers={'Authorization': 'Bearer lp_test_...'}
    )
    data = response.json()
    cache[cache_key] = (data, datetime.now())
    return data
