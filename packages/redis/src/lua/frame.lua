-- The frame is ARGV[1], as 64-bit floats: the time, for how many ms longer than needed counters are kept, how many
-- requests and limits there are, and where the limits begin; then the requests, and the limits.

-- Looking a function up by two names each time would take a tenth of a decision.
local call, pack, unpackBytes = redis.call, struct.pack, struct.unpack

local formats = {}
local function formatOf(count)
  local format = formats[count]
  if not format then
    local rest = count % 8
    format = "<" .. ("dddddddd"):rep((count - rest) / 8) .. ("d"):rep(rest)
    formats[count] = format
  end
  return format
end

local numbers = { unpackBytes(formatOf(#ARGV[1] / 8), ARGV[1]) }
local now, graceMs, requestCount, limitCount, limitsAt = unpack(numbers, 1, 5)

local time = call("TIME")
local microseconds = time[1] * 1000000 + time[2]
local serverNow = math.floor(microseconds / 1000)
-- A frame without a time goes by Redis's own.
if now ~= now then now = serverNow end
