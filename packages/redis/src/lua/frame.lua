-- The frame is ARGV[1], as 64-bit floats: the time, for how many ms longer than needed counters are kept, how many parts
-- and limits there are, and where the limits begin; then the parts, and the limits.

-- Looking a function up by its names each time would take a tenth of a decision.
local call, pack, unpackBytes, unpack, keys = redis.call, struct.pack, struct.unpack, unpack, KEYS

-- By how many numbers they are of.
local formats = setmetatable({}, {
  __index = function(formats, count)
    local rest = count % 8
    formats[count] = "<" .. ("dddddddd"):rep((count - rest) / 8) .. ("d"):rep(rest)
    return formats[count]
  end,
})

local numbers = { unpackBytes(formats[#ARGV[1] / 8], ARGV[1]) }
local now, graceMs, partCount, limitCount, limitsAt = unpack(numbers, 1, 5)

local time = call("TIME")
local microseconds = time[1] * 1000000 + time[2]
local serverNow = math.floor(microseconds / 1000)
-- A frame without a time goes by Redis's own.
if now ~= now then now = serverNow end
