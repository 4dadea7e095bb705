// SPDX-License-Identifier: Apache-2.0
//
// The peer of bench/simulators: the dumbbell of dumbbell.lua, simulated by ns-3. Ten senders, ten receivers, two
// routers and the bottleneck between them; bulk senders, CUBIC, segments of 1448 bytes, no checksums, no traces.
//
//	ns3 SECONDS
//
// Prints one JSON line: packets that crossed a wire, bytes delivered, processor seconds of the run without set-up.
#include "ns3/applications-module.h"
#include "ns3/core-module.h"
#include "ns3/internet-module.h"
#include "ns3/network-module.h"
#include "ns3/point-to-point-module.h"
#include "ns3/traffic-control-module.h"

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

using namespace ns3;

namespace
{

const int FLOWS = 10;
const uint16_t PORT = 5000;

uint64_t crossed;

void Crossed(Ptr<const Packet>)
{
	crossed++;
}

double Used()
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

PointToPointHelper Wire(const char *rate, const char *delay)
{
	PointToPointHelper wire;

	wire.SetDeviceAttribute("DataRate", StringValue(rate));
	wire.SetChannelAttribute("Delay", StringValue(delay));
	return wire;
}

void SetUp()
{
	Config::SetDefault("ns3::TcpL4Protocol::SocketType", TypeIdValue(TcpCubic::GetTypeId()));
	Config::SetDefault("ns3::TcpSocket::SegmentSize", UintegerValue(1448));
	Config::SetDefault("ns3::TcpSocket::SndBufSize", UintegerValue(600000));
	Config::SetDefault("ns3::TcpSocket::RcvBufSize", UintegerValue(600000));
}

/* One flow's hosts on either side; returns its sink. */
Ptr<PacketSink> AddFlow(Ptr<Node> left, Ptr<Node> right, const NodeContainer &routers, NetDeviceContainer &devices,
                        Ipv4AddressHelper &addresses)
{
	PointToPointHelper access = Wire("10Gbps", "100us");
	NetDeviceContainer there = access.Install(left, routers.Get(0)), here = access.Install(routers.Get(1), right);
	Ipv4InterfaceContainer given;

	addresses.NewNetwork();
	addresses.Assign(there);
	addresses.NewNetwork();
	given = addresses.Assign(here);
	devices.Add(there);
	devices.Add(here);
	BulkSendHelper("ns3::TcpSocketFactory", InetSocketAddress(given.GetAddress(1), PORT)).Install(left);
	return DynamicCast<PacketSink>(
	    PacketSinkHelper("ns3::TcpSocketFactory", InetSocketAddress(Ipv4Address::GetAny(), PORT))
	        .Install(right)
	        .Get(0));
}

} // namespace

int main(int argc, char **argv)
{
	double seconds = argc > 1 ? atof(argv[1]) : 10, begin;
	NodeContainer routers, left, right;
	NetDeviceContainer devices;
	Ipv4AddressHelper addresses("10.0.0.0", "255.255.255.0");
	std::vector<Ptr<PacketSink>> sinks;
	PointToPointHelper trunk = Wire("1Gbps", "10ms");
	uint64_t bytes = 0;

	SetUp();
	routers.Create(2);
	left.Create(FLOWS);
	right.Create(FLOWS);
	InternetStackHelper().InstallAll();
	trunk.SetQueue("ns3::DropTailQueue", "MaxSize", StringValue("2500000B"));
	devices = trunk.Install(routers);
	addresses.Assign(devices);
	TrafficControlHelper().Uninstall(devices);
	for (int i = 0; i < FLOWS; i++)
		sinks.push_back(AddFlow(left.Get(i), right.Get(i), routers, devices, addresses));
	Ipv4GlobalRoutingHelper::PopulateRoutingTables();
	for (uint32_t i = 0; i < devices.GetN(); i++)
		devices.Get(i)->TraceConnectWithoutContext("MacRx", MakeCallback(&Crossed));

	begin = Used();
	Simulator::Stop(Seconds(seconds));
	Simulator::Run();
	for (const auto &sink : sinks)
		bytes += sink->GetTotalRx();
	printf("{\"crossed\": %lu, \"bytes\": %lu, \"cpu_s\": %.3f}\n", crossed, bytes, Used() - begin);
	return 0;
}
